/** What people and programs read, word for word: a change here is a change of the interface (the answers are fixed, test/cli/golden.txt is the output). */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, type StandIn, standIn } from './run.ts';

const objective = (id: string, status: string, changes: object = {}) => ({
  id,
  title: id,
  description: id,
  status,
  value: 0.9991,
  measure: 'ratio',
  direction: 'above',
  target: 0.999,
  window_days: 28,
  observed_seconds: 3_600,
  total: 10_000,
  bad: 9,
  min_samples: 100,
  budget_left: 0.1,
  burn_rate: 0.9,
  ...changes,
});
const ANSWERS: Readonly<Record<string, { status?: number; body: unknown }>> = {
  '/slos': {
    body: {
      timestamp: '2026-01-02T03:04:05.000Z',
      slos: [
        objective('api_availability', 'met'),
        objective('api_latency', 'critical', {
          measure: 'seconds',
          value: 2.5,
          budget_left: -3,
          burn_rate: 40,
        }),
        objective('workflow_success', 'too_few_samples', { value: null, total: 0, bad: 0, burn_rate: null }),
      ],
    },
  },
  '/sanctions': {
    body: {
      sanctions: [
        {
          sanction_id: 'sn_01',
          subject: 'p-0123456789abcdef',
          kind: 'quarantine',
          severity: 'high',
          violation_id: 'vio_01',
          provisional: true,
          status: 'active',
          from: '2026-01-02T03:04:05.000Z',
          until: null,
          reason: 'esc \u001b[31mred\u001b[0m, a line\nbreak and \u202eturned',
          record: '1.7',
        },
      ],
    },
  },
  '/revocations': {
    status: 403,
    body: {
      type: 'http://127.0.0.1:8787/errors/INSUFFICIENT_SCOPE',
      title: 'Forbidden',
      status: 403,
      detail: 'the token lacks a scope',
      code: 'INSUFFICIENT_SCOPE',
      error: 'the token lacks a scope',
      reasons: [
        { code: 'insufficient_scope', message: 'needs \u0007admin:users:write', kind: 'not_permitted' },
      ],
      trace_id: 'trace-0001',
    },
  },
  '/sessions': { status: 502, body: 'a proxy’s page' },
};

let api: StandIn;
beforeAll(async () => {
  api = await standIn(({ url = '' }) => ANSWERS[url.split('?')[0] ?? ''] ?? { status: 404, body: {} });
});
afterAll(() => api.close());

const LINES = [
  'slo report',
  'slo report -o wide',
  'slo report -o name',
  'slo check',
  'slo check --json',
  'sanctions list',
  'sanctions list -o yaml',
  'sanctions list --json',
  'revocations list',
  'revocations list --json',
  'sessions list',
  'emergency stop',
  'emergency stop --dry-run',
  'emergency stop --dry-run --json',
  'approvals approve apr_01 --dry-run',
  'slo check --min-success-rate 2',
  'slo check --min-success-rate 2 --json',
];

it('prints what it printed', async () => {
  const told: string[] = [];
  for (const line of LINES) {
    const { code, out, err } = await run(line, { CHANCERY_URL: api.url, CHANCERY_TOKEN: 'token' });
    const parts = [out && `${out}`, err && `2> ${err}`].filter(Boolean).join('');
    told.push(`$ chancery ${line}\n${parts}exit ${code}\n`.replaceAll(api.url, 'http://API'));
  }
  const text = told.join('\n').replaceAll(/"timestamp":"[^"]+"/g, '"timestamp":"…"');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'golden.txt'));
});
