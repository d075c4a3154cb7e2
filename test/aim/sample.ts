/** A request and a principal that no rule objects to, and ways to spoil them. */
import type { JsonObject } from '../../src/json.ts';
import type { Principal } from '../../src/terms.ts';

export const BODY = {
  workflow_name: 'deploy-to-staging',
  drag_mode: 'execute',
  aim: {
    actor: { name: 'Jake Smith', role: 'DevOps Engineer', email: 'jake@example.org' },
    input: {
      sources: [{ type: 'api', description: 'release notes', location: 'https://example.org/notes' }],
      constraints: ['read-only'],
    },
    mission: {
      objective: 'Deploy the release to staging without downtime',
      success_criteria: ['health checks pass'],
      checks: [{ criterion: 0, path: '$.health', op: 'eq', value: 'ok' }],
    },
  },
  parameters: { environment: 'staging' },
  data_classes: ['internal'],
  risk_level: 2,
  output_text: 'text to screen',
  options: { mode: 'enforce', explain: 'summary' },
} as const;

export const JAKE: Principal = {
  sub: 'jake',
  issuer: 'urn:test',
  kind: 'human',
  actor_type: 'human_user',
  name: 'Jake Smith',
  email: 'jake@example.org',
  roles: ['operator'],
  scopes: [],
  act: [],
  fresh_mfa: true,
  expires_at: 0,
};

/** The body with the member at a JSON Pointer replaced; removed when the value is undefined. */
export function withAt(path: string, value: unknown): JsonObject {
  const copy = structuredClone(BODY) as unknown as Record<string, unknown>;
  const steps = path.split('/').slice(1);
  const last = steps.pop() ?? '';
  const parent = steps.reduce((at, step) => at[step] as Record<string, unknown>, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy as JsonObject;
}
