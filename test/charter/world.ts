/** A small world for charter tests: the shipped bundle, people, workflows and facts to decide on. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseBundle } from '../../src/charter/bundle.ts';
import { type Charter, scopesOfRoles } from '../../src/charter/charter.ts';
import type { Facts } from '../../src/decision/facts.ts';
import type { Item } from '../../src/ports.ts';
import type { DragMode, GovernedRequest, Principal, RiskLevel, WorkflowFacts } from '../../src/terms.ts';
import { registryOf, shippedFiles as workflowFiles } from '../workflow/files.ts';

export const NOW = Date.UTC(2026, 10, 21, 9, 0, 0);

/** Every file of a bundle's folder, by its path inside. */
export function filesIn(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path), readFileSync(path, 'utf8'));
  }
  return files;
}

export const shippedFiles = filesIn(new URL('../../charter', import.meta.url).pathname);

/** The shipped bundle with some files replaced (or removed, by null). Throws what is wrong with it. */
export function charterWith(changes: Readonly<Record<string, string | null>> = {}): Charter {
  const parsed = parseBundle(bundleWith(changes));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, null, 1));
  return parsed.charter;
}

export function bundleWith(changes: Readonly<Record<string, string | null>>): Map<string, string> {
  const files = new Map(shippedFiles);
  for (const [name, text] of Object.entries(changes)) {
    if (text === null) files.delete(name);
    else files.set(name, text);
  }
  return files;
}

/** A file of the shipped bundle with one passage replaced; fails when the passage is not there. */
export function edited(file: string, from: string | RegExp, to: string): string {
  const text = shippedFiles.get(file) ?? '';
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${file} has no ${from}`);
  return changed;
}

export const shipped = charterWith();

/** The shipped workflows, by their own manifests and definitions. */
export const WORKFLOWS: Readonly<Record<string, WorkflowFacts>> = Object.fromEntries(
  registryOf(workflowFiles()).all.map((one) => [one.name, one]),
);

export function person(
  roles: readonly string[],
  more: Partial<Principal> = {},
  charter = shipped,
): Principal {
  return {
    sub: 'ada',
    issuer: 'test',
    kind: 'human',
    actor_type: 'human_user',
    name: 'Ada Lovelace',
    person: true,
    roles,
    scopes: scopesOfRoles(charter)(roles),
    act: [],
    fresh_mfa: false,
    expires_at: NOW + 3_600_000,
    ...more,
  };
}

export function agent(roles: readonly string[], more: Partial<Principal> = {}, charter = shipped): Principal {
  return person(
    roles,
    { sub: 'bot', kind: 'agent', actor_type: 'ai_agent', name: 'Bot', person: false, ...more },
    charter,
  );
}

export interface Wish {
  readonly who: Principal;
  readonly workflow: string;
  readonly mode: DragMode;
  readonly risk?: RiskLevel;
  readonly parameters?: GovernedRequest['parameters'];
  readonly data_classes?: readonly string[];
  readonly text?: string;
}

export function facts(wish: Wish, more: Partial<Facts> = {}): Facts {
  const { who, workflow, mode } = wish;
  const known = WORKFLOWS[workflow];
  if (known === undefined) throw new Error(`no workflow ${workflow} in this world`);
  const request: GovernedRequest = {
    workflow_name: workflow,
    drag_mode: mode,
    aim: {
      actor: { name: who.name ?? who.sub },
      input: { sources: [{ type: 'api', description: 'release notes' }], constraints: [] },
      mission: { objective: 'Do what has to be done', success_criteria: ['done'], checks: [] },
    },
    parameters: wish.parameters ?? (workflow === 'data-export' ? { subject: 'sub-1' } : {}),
    data_classes: wish.data_classes ?? [],
    ...(wish.risk === undefined ? {} : { risk_level: wish.risk }),
    ...(wish.text === undefined ? {} : { output_text: wish.text }),
    options: { mode: 'enforce', explain: 'summary' },
  };
  return {
    principal: who,
    action: 'workflow:execute',
    resource: { type: 'workflow', id: workflow },
    scope: 'workflows:execute',
    workflow: known,
    request,
    drag_mode: mode,
    shape: [],
    aim: [],
    prescriptive: [],
    standing: STANDING,
    emergency: { state: 'clear' },
    draining: false,
    approved: false,
    now: NOW,
    ...more,
  };
}

/** A principal who has done nothing yet. */
export const STANDING: Item = { pk: 'PRINCIPAL#test', sk: 'standing' };
