/**
 * A day at the office in a few minutes: callers of every kind, with what they do right and wrong. For the dashboards'
 * preview and for the test that every panel's query returns data.
 */
import * as z from 'zod';
import type { DevClaims } from '../adapters/local/dev-issuer.ts';

export interface TrafficDeps {
  readonly url: string;
  mint(claims: DevClaims): Promise<string>;
  /** In [0, 1). */
  readonly random: () => number;
}

const PEOPLE = {
  jake: { sub: 'jake', name: 'Jake Smith', kind: 'human', roles: ['operator'], email: 'jake@example.org' },
  dana: { sub: 'dana', name: 'Dana Frost', kind: 'human', roles: ['developer'] },
  ada: { sub: 'ada', name: 'Ada Byron', kind: 'human', roles: ['auditor', 'sre'] },
  agent: { sub: 'planner-7', name: 'Planner Seven', kind: 'agent', roles: ['agent'] },
  mia: { sub: 'mia', name: 'Mia Berg', kind: 'human', roles: ['operator', 'committee_member'] },
  noah: { sub: 'noah', name: 'Noah Stein', kind: 'human', roles: ['operator', 'committee_member'] },
  node: { sub: 'edge', name: 'Edge Collector', kind: 'service', roles: ['node_operator'] },
} satisfies Record<string, DevClaims>;
type Person = keyof typeof PEOPLE;

const aim = (name: string, objective = 'Report on last week’s governed work') => ({
  actor: { name },
  input: { sources: [{ type: 'ledger', description: 'records of the last week' }] },
  mission: { objective, success_criteria: ['the report covers the period'] },
});

const FORBIDDEN = ['user_location', 'browsing_history', 'user_identity', 'device_hardware_id'];
const ALLOWED = ['latency_p95', 'cpu_usage_percent', 'error_rate_percent', 'throughput_mbps'];
const TOOLS = ['search', 'search', 'search', 'read_file', 'read_file', 'calendar', 'send_mail'];

const Waiting = z.object({ approval: z.object({ approval_id: z.string() }) });

export interface Traffic {
  /** One caller's turn, chosen by chance. Failures of the service show in its answers and do not throw. */
  turn(): Promise<void>;
  /** Each kind of turn once: so that a short run has everything. */
  everything(): Promise<void>;
}

export async function openTraffic(deps: TrafficDeps): Promise<Traffic> {
  const tokens = new Map<Person, string>();
  for (const person of Object.keys(PEOPLE) as Person[]) {
    tokens.set(person, await deps.mint({ ...PEOPLE[person], ttlSeconds: 3600 }));
  }
  const pick = <T>(from: readonly T[]): T => from[Math.floor(deps.random() * from.length)] as T;

  async function call(
    method: string,
    path: string,
    who: Person | undefined,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const token = who === undefined ? undefined : tokens.get(who);
    const response = await fetch(deps.url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  }
  const execute = (who: Person, body: object) =>
    call('POST', '/workflows/governed/execute', who, { parameters: {}, ...body });
  const week = { from: '2026-11-14T00:00:00Z', to: '2026-11-21T00:00:00Z' };
  const report = (who: Person, drag_mode: string, more: object = {}) =>
    execute(who, {
      workflow_name: 'compliance-report',
      drag_mode,
      aim: aim(PEOPLE[who].name),
      parameters: week,
      ...more,
    });
  const collect = (names: readonly string[]) =>
    call('POST', '/charter/metrics/validate', 'node', {
      metric_name: pick(names),
      value: 1,
      timestamp: new Date(Date.now() - 1000).toISOString(),
      source: `node-${1 + Math.floor(deps.random() * 12)}`,
    });

  let broken: string | undefined;
  /** One in six fails; the next one makes it good. */
  async function deploy(): Promise<void> {
    const result = broken === undefined && deps.random() < 1 / 6 ? 'failure' : 'success';
    const answer = await call('POST', '/deployments', 'jake', {
      environment: pick(['staging', 'prod']),
      version: '1.4.2',
      commit: 'abcdef12',
      result,
      lead_time_seconds: 600 + Math.floor(deps.random() * 86_400),
      ...(broken === undefined ? {} : { restores: broken }),
    });
    const made = typeof answer === 'object' && answer !== null && 'deployment_id' in answer;
    broken = result === 'failure' && made ? String(answer.deployment_id) : undefined;
  }

  /** Waits for two people, and runs by itself once both have said yes. */
  async function deployApproved(): Promise<void> {
    const answer = await execute('jake', {
      workflow_name: 'deploy-to-production',
      drag_mode: 'execute',
      aim: aim(PEOPLE.jake.name, 'Deploy the release to production'),
      parameters: { version: '1.4.2', environment: 'production' },
    });
    const { data } = Waiting.safeParse(answer);
    if (data === undefined) return;
    for (const who of ['mia', 'noah'] as const)
      await call('POST', `/approvals/${data.approval.approval_id}/approve`, who, {});
  }

  /** One call in twelve fails. */
  const useTool = () =>
    call('POST', '/tools/invocations', 'agent', {
      tool: pick(TOOLS),
      duration_ms: 20 + Math.floor(deps.random() * 900),
      ...(deps.random() < 1 / 12 ? { outcome: 'failure', error_type: 'Timeout' } : { outcome: 'success' }),
    });

  /** By MCP, a tool that nobody has reviewed as it is now: denied. */
  const useServer = () =>
    call(
      'POST',
      '/mcp',
      'agent',
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'search-mcp.search', arguments: { query: 'incidents of last week' } },
      },
      { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' },
    );

  /** An agent that tries every door. */
  async function probe(): Promise<void> {
    for (let door = 0; door < 8; door += 1) {
      await call('POST', '/emergency-stop', 'agent', { reason: 'I would like to' });
    }
    await call('GET', '/ledger/entries', 'agent');
    await call('GET', '/approvals', 'agent');
    await call('POST', '/drain', 'agent', {});
    await call('GET', '/metrics', 'agent');
    await call('DELETE', '/rate-limits/jake', 'agent');
    await call('GET', '/slos', 'agent');
    await call('GET', '/alerts', 'agent');
    await call('GET', '/health/detailed', 'agent');
  }

  const turns: readonly { readonly weight: number; readonly go: () => Promise<unknown> }[] = [
    { weight: 14, go: () => report('ada', 'grunt') },
    { weight: 10, go: () => report('jake', 'execute') },
    // No workflow that is shipped offers a mode without effects: what agents ask for is refused, and screened all the same.
    { weight: 4, go: () => report('agent', 'research', { output_text: 'options include three plans' }) },
    {
      weight: 2,
      go: () =>
        report('agent', 'draft', { output_text: 'You should definitely do this, it is the best option.' }),
    },
    {
      weight: 5,
      go: () =>
        execute('dana', {
          workflow_name: 'deploy-to-staging',
          drag_mode: 'execute',
          aim: aim(PEOPLE.dana.name, 'Deploy the release to staging'),
          parameters: { version: '1.4.2', environment: 'staging' },
        }),
    },
    {
      weight: 3,
      go: () =>
        execute('agent', {
          workflow_name: 'data-export',
          drag_mode: 'execute',
          aim: aim(PEOPLE.agent.name, 'Export the data of one subject'),
          parameters: { subject: 'someone' },
        }),
    },
    { weight: 1, go: deployApproved },
    { weight: 2, go: () => report('jake', 'execute', { aim: aim('Jake Smith', 'do it') }) },
    { weight: 1, go: () => report('jake', 'execute', { aim: aim('Somebody Else') }) },
    { weight: 1, go: () => report('agent', 'analysis') },
    {
      weight: 6,
      go: () =>
        call('POST', '/decisions', 'agent', {
          workflow_name: 'compliance-report',
          drag_mode: 'research',
          aim: aim(PEOPLE.agent.name),
          parameters: week,
        }),
    },
    { weight: 8, go: useTool },
    { weight: 2, go: useServer },
    { weight: 10, go: () => collect(ALLOWED) },
    { weight: 3, go: () => collect(FORBIDDEN) },
    {
      weight: 0.1,
      go: () =>
        call('POST', '/violations', 'ada', {
          violation_type: 'unauthorized_override',
          node_or_service: 'deploy-gate',
          description: 'The gate was opened by hand, without an override on record',
          evidence: ['gate log, 21 November, 03:12'],
        }),
    },
    { weight: 4, go: () => call('GET', '/ledger/entries?limit=20', 'ada') },
    { weight: 3, go: () => call('GET', '/slos', 'ada') },
    { weight: 3, go: () => call('GET', '/health', undefined) },
    { weight: 0.2, go: () => call('GET', '/ledger/entries', undefined) },
    {
      weight: 0.1,
      go: () =>
        fetch(`${deps.url}/slos`, { headers: { authorization: 'Bearer not.a.token' } }).then((r) => r.text()),
    },
    { weight: 0.1, go: () => call('POST', '/emergency-stop', 'agent', { reason: 'I would like to' }) },
    { weight: 0.2, go: () => call('POST', '/ledger/verify', 'ada', {}) },
    { weight: 1, go: () => call('GET', '/nowhere', 'ada') },
    { weight: 1, go: deploy },
    { weight: 0.02, go: probe },
  ];
  const total = turns.reduce((sum, turn) => sum + turn.weight, 0);

  return {
    async turn() {
      let left = deps.random() * total;
      for (const turn of turns) {
        left -= turn.weight;
        if (left < 0) {
          await turn.go();
          return;
        }
      }
    },
    async everything() {
      for (const turn of turns) await turn.go();
    },
  };
}
