/** Requests of callers who are known, and that must not get further than they may. */
import type { DevClaims } from '../../adapters/local/dev-issuer.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { governed } from '../runtime/support.ts';

export interface HostileRequest {
  readonly name: string;
  readonly status: number;
  readonly code: ErrorCode;
  /** The first reason, answered and recorded. */
  readonly reason: string;
  readonly claims?: Partial<DevClaims>;
  readonly path?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

const aim = governed().aim;
const text = JSON.stringify(governed());
const shape = { status: 400, code: 'GOVERNANCE_ERROR', reason: 'schema_error' } as const;
const rule = { status: 400, code: 'GOVERNANCE_VALIDATION_FAILED' } as const;
const mfa = { mfa: true } as const;

function bytes(...pieces: (string | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const parts = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece)));
  return new Uint8Array(Buffer.concat(parts));
}

export const HOSTILE_REQUESTS: readonly HostileRequest[] = [
  // The shape.
  { name: 'no body', ...shape, raw: '' },
  { name: 'no JSON', ...shape, raw: 'execute, please' },
  { name: 'a list', ...shape, body: [governed()] },
  { name: 'a name twice', ...shape, raw: text.replace('{', '{"drag_mode":"draft",') },
  {
    name: 'a name twice, deep inside',
    ...shape,
    raw: text.replace('"actor":{', '"actor":{"name":"Mallory",'),
  },
  { name: 'a name twice, once escaped', ...shape, raw: text.replace('{', '{"\\u0064rag_mode":"draft",') },
  { name: '__proto__', ...shape, raw: text.replace('{', '{"__proto__":{"roles":["admin"]},') },
  {
    name: 'constructor.prototype',
    ...shape,
    raw: text.replace('"parameters":{', '"parameters":{"constructor":{"prototype":{"admin":true}}'),
  },
  {
    name: '100 levels',
    ...shape,
    raw: text.replace('"parameters":{', `"parameters":{"a":${'['.repeat(100)}${']'.repeat(100)}`),
  },
  { name: 'a hundred thousand open brackets', ...shape, raw: '['.repeat(100_000) },
  { name: 'a cut character', ...shape, raw: bytes('{"workflow_name":"', [0xc3], '"}') },
  { name: 'an overlong slash', ...shape, raw: bytes('{"workflow_name":"..', [0xc0, 0xaf], '"}') },
  { name: 'half a character', ...shape, raw: text.replace('Jake Smith', '\\ud83d') },
  {
    name: 'a number beyond all bounds',
    ...shape,
    raw: text.replace('"parameters":{', '"risk_level":1e999,"parameters":{'),
  },
  { name: 'a byte order mark', ...shape, raw: `\ufeff${text}` },
  {
    name: 'a byte too many',
    status: 413,
    code: 'BODY_TOO_LARGE',
    reason: 'body_too_large',
    raw: sized(1_048_577),
  },
  { name: 'a risk that is lowered below the scale', ...shape, body: governed({ risk_level: 0 }) },
  {
    name: 'a parameter that the workflow does not take',
    ...shape,
    body: governed({ parameters: { from: 'yesterday' } }),
  },
  // The name of the workflow.
  {
    name: 'a path as workflow',
    ...rule,
    reason: 'invalid_workflow_name',
    body: governed({ workflow_name: '../../etc/passwd' }),
  },
  {
    name: 'an encoded path as workflow',
    ...rule,
    reason: 'invalid_workflow_name',
    body: governed({ workflow_name: '..%2f..%2fetc%2fpasswd' }),
  },
  {
    name: 'a NUL in the workflow',
    ...rule,
    reason: 'invalid_workflow_name',
    body: governed({ workflow_name: 'compliance-report\u0000.yaml' }),
  },
  {
    name: 'a look-alike in the workflow',
    ...rule,
    reason: 'invalid_workflow_name',
    body: governed({ workflow_name: 'compliance-repоrt' }),
  },
  {
    name: 'a prototype member as workflow',
    status: 404,
    code: 'WORKFLOW_NOT_FOUND',
    reason: 'unknown_workflow',
    body: governed({ workflow_name: '__proto__' }),
  },
  {
    name: 'an unknown workflow',
    status: 404,
    code: 'WORKFLOW_NOT_FOUND',
    reason: 'unknown_workflow',
    body: governed({ workflow_name: 'format-disk' }),
  },
  // Who asks.
  {
    name: 'an actor of another name',
    ...rule,
    reason: 'actor_mismatch',
    body: governed({ aim: { ...aim, actor: { name: 'Mallory' } } }),
  },
  {
    name: 'an actor of another e-mail',
    ...rule,
    reason: 'actor_mismatch',
    body: governed({ aim: { ...aim, actor: { name: 'Jake Smith', email: 'mallory@example.org' } } }),
  },
  {
    name: 'an actor whose name looks the same',
    ...rule,
    reason: 'actor_mismatch',
    body: governed({ aim: { ...aim, actor: { name: 'Jаke Smith' } } }),
  },
  {
    name: 'an actor that is the agent',
    ...rule,
    reason: 'actor_mismatch',
    claims: { act: ['deploy-bot'] },
    body: governed({ aim: { ...aim, actor: { name: 'deploy-bot' } } }),
  },
  {
    name: 'an actor of blanks',
    ...rule,
    reason: 'actor_name_too_short',
    body: governed({ aim: { ...aim, actor: { name: '   ' } } }),
  },
  {
    name: 'an actor of zero width',
    ...rule,
    reason: 'actor_name_too_short',
    body: governed({ aim: { ...aim, actor: { name: '\u200b\u200b\u200b' } } }),
  },
  {
    name: 'no actor',
    ...rule,
    reason: 'missing_actor',
    body: governed({ aim: { ...aim, actor: undefined } }),
  },
  {
    name: 'no mission',
    ...rule,
    reason: 'missing_mission',
    body: governed({ aim: { ...aim, mission: null } }),
  },
  {
    name: 'an objective of blanks',
    ...rule,
    reason: 'objective_too_short',
    body: governed({ aim: { ...aim, mission: { objective: ' '.repeat(10), success_criteria: ['x'] } } }),
  },
  {
    name: 'blank criteria',
    ...rule,
    reason: 'no_success_criteria',
    body: governed({ aim: { ...aim, mission: { ...aim.mission, success_criteria: [''] } } }),
  },
  { name: 'no mode', ...rule, reason: 'missing_mode', body: governed({ drag_mode: undefined }) },
  {
    name: 'a mode that there is not',
    ...rule,
    reason: 'invalid_mode',
    body: governed({ drag_mode: 'allow_all' }),
  },
  // Modes.
  {
    name: 'an agent in analysis',
    ...rule,
    reason: 'analysis_human_only',
    claims: { kind: 'agent', ...mfa },
    body: governed({ drag_mode: 'analysis' }),
  },
  {
    name: 'an agent in analysis for a person',
    ...rule,
    reason: 'analysis_human_only',
    claims: { act: ['bot'], ...mfa },
    body: governed({ drag_mode: 'analysis' }),
  },
  {
    name: 'a person in analysis without a second factor',
    ...rule,
    reason: 'analysis_human_only',
    body: governed({ drag_mode: 'analysis' }),
  },
  // What the token may.
  {
    name: 'no role that may execute',
    status: 403,
    code: 'INSUFFICIENT_SCOPE',
    reason: 'insufficient_scope',
    claims: { roles: [] },
    body: governed(),
  },
  {
    name: 'a scope with a star',
    status: 403,
    code: 'INSUFFICIENT_SCOPE',
    reason: 'insufficient_scope',
    claims: { roles: [], scopes: ['*', 'workflows:*'] },
    body: governed(),
  },
  {
    name: 'a scope that only begins like it',
    status: 403,
    code: 'INSUFFICIENT_SCOPE',
    reason: 'insufficient_scope',
    claims: { roles: [], scopes: ['workflows:exec'] },
    body: governed(),
  },
  {
    name: 'a role named like a prototype member',
    status: 403,
    code: 'INSUFFICIENT_SCOPE',
    reason: 'insufficient_scope',
    claims: { roles: ['__proto__', 'constructor'] },
    body: governed(),
  },
  {
    name: 'the auditor stopping everything',
    status: 403,
    code: 'INSUFFICIENT_SCOPE',
    reason: 'insufficient_scope',
    claims: { roles: ['auditor'] },
    path: '/emergency-stop',
    body: { reason: 'because I can' },
  },
];

/** A valid request of exactly this many bytes. */
function sized(length: number): string {
  const frame = JSON.stringify(governed({ output_text: '' })).length;
  return JSON.stringify(governed({ output_text: 'x'.repeat(length - frame) }));
}
