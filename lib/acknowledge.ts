/** Findings that we keep, each with the reason. Nothing is silenced without one. */
import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Acknowledges cdk-nag findings (exact ids, brackets included) on one construct. */
export function acknowledge(construct: IConstruct, findings: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(findings)) Validations.of(construct).acknowledge({ id, reason });
}

/** Acknowledges wildcards in the resources of one role's policy, and no others. */
export function acknowledgeWildcards(role: IConstruct, resources: readonly string[], reason: string): void {
  for (const resource of resources) {
    acknowledge(role, {
      [`AwsSolutions-IAM5[Resource::${spelt(Stack.of(role).resolve(resource))}]`]: reason,
    });
  }
}

/** A resolved ARN as cdk-nag spells it in a finding: references in angle brackets, what another stack exports by its name. */
function spelt(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  if ('Fn::ImportValue' in value) return String(value['Fn::ImportValue']);
  if ('Ref' in value) return `<${String(value.Ref)}>`;
  if ('Fn::Join' in value && Array.isArray(value['Fn::Join'])) {
    const [separator, parts]: unknown[] = value['Fn::Join'];
    if (Array.isArray(parts)) return parts.map(spelt).join(String(separator));
  }
  throw new Error(`cannot spell ${JSON.stringify(value)}`);
}
