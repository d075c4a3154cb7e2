/**
 * Decisions: the charter alone (one core, no ledger) beside casbin on the same workflow rules in the same run, with
 * 200 policies too; decisions with their durable record; a replay of 100,000 recorded decisions and what requests
 * feel of it; and how long a stop takes to hold on another runtime. `node bench/decisions.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Enforcer, newEnforcer, newModelFromString } from 'casbin';
import { startRuntime } from '../local/runtime.ts';
import { readSettings } from '../local/settings.ts';
import type { Charter } from '../src/charter/charter.ts';
import { prepare } from '../src/charter/engine.ts';
import { readPolicies } from '../src/charter/policies.ts';
import { decide } from '../src/decision/decide.ts';
import type { Facts } from '../src/decision/facts.ts';
import { consult } from '../src/gate/consult.ts';
import { ask } from '../src/gate/mediate.ts';
import { agent, charterWith, facts, person, shipped } from '../test/charter/world.ts';
import { percentile, show, type Table, table } from './table.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = 20_000;
const RECORDED = 100_000;

/** Half allowed, half denied with its explanation, as a busy office sees them. */
const REQUESTS: readonly Facts[] = [
  facts({ who: person(['operator']), workflow: 'compliance-report', mode: 'execute' }),
  facts({ who: person(['auditor']), workflow: 'compliance-report', mode: 'grunt' }),
  facts({ who: person(['operator']), workflow: 'data-export', mode: 'execute' }),
  facts({ who: person(['developer']), workflow: 'deploy-to-staging', mode: 'execute' }),
  facts({ who: person(['operator']), workflow: 'deploy-to-production', mode: 'execute' }),
  facts({ who: agent(['agent', 'operator']), workflow: 'data-export', mode: 'execute' }),
];

export async function benchDecisions(): Promise<readonly Table[]> {
  return [await charterAlone(), await recorded(), await stopping()];
}

async function charterAlone(): Promise<Table> {
  const more = crowded(200);
  const few = await casbinRules(0);
  const many = await casbinRules(more.policies.length - shipped.policies.length);
  const rows = [
    [
      'charter, decision',
      shipped.policies.length,
      ...measure((one) => decide(shipped, REQUESTS[one] ?? first)),
    ],
    ['charter, decision', more.policies.length, ...measure((one) => decide(more, REQUESTS[one] ?? first))],
    ['casbin, the workflow rules', few.rules, ...measure((one) => few.enforce(REQUESTS[one] ?? first))],
    ['casbin, the workflow rules', many.rules, ...measure((one) => many.enforce(REQUESTS[one] ?? first))],
  ];
  return table(
    'Decisions in one thread, without the ledger',
    ['what', 'policies', 'p50 µs', 'p99 µs', 'decisions/s'],
    rows,
  );
}

const [first] = REQUESTS as [Facts];

function measure(decideOne: (index: number) => unknown): [string, string, number] {
  for (let round = 0; round < 2_000; round++) decideOne(round % REQUESTS.length);
  const times: number[] = [];
  const began = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    decideOne(round % REQUESTS.length);
    times.push((performance.now() - from) * 1000);
  }
  const seconds = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  return [
    percentile(times, 0.5).toFixed(0),
    percentile(times, 0.99).toFixed(0),
    Math.round(ROUNDS / seconds),
  ];
}

/** The shipped charter and further forbids about the same action, none of which applies: the worst place for them. */
function crowded(total: number): Charter {
  const extra = Array.from(
    { length: total - shipped.policies.length },
    (_, index) =>
      `@id("extra-${index}")\nforbid (principal, action == Chancery::Action::"execute", resource == Chancery::Workflow::"other-${index}")\nwhen { context.risk > 4 };`,
  ).join('\n');
  const policies = [...shipped.policies, ...readPolicies('policies/extra.cedar', extra).policies];
  return { ...shipped, policies, engine: prepare(policies, shipped.schema) };
}

const MODEL = `
[request_definition]
r = sub, obj, act, ctx
[policy_definition]
p = rule, obj, act, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.obj == "*" || p.obj == r.obj) && (p.act == "*" || p.act == r.act) && eval(p.rule)
`;

/** What the shipped charter says of workflows, in casbin's terms. */
async function casbinRules(extra: number): Promise<{ rules: number; enforce: (request: Facts) => boolean }> {
  const enforcer: Enforcer = await newEnforcer(newModelFromString(MODEL));
  const may = (role: string) => `r.sub.roles.includes('${role}')`;
  const rows: [string, string, string, string][] = [
    [may('auditor'), 'compliance-report', 'grunt', 'allow'],
    [may('auditor'), 'compliance-report', 'execute', 'allow'],
    [may('operator'), 'compliance-report', 'grunt', 'allow'],
    [may('operator'), 'compliance-report', 'execute', 'allow'],
    [may('operator'), 'data-export', 'execute', 'allow'],
    [may('operator'), 'deploy-to-staging', 'execute', 'allow'],
    [may('developer'), 'deploy-to-staging', 'execute', 'allow'],
    [may('operator'), 'deploy-to-production', 'execute', 'allow'],
    // Agents draft and research what is offered to them, and what runs without effects alone is.
    [`${may('agent')} && r.ctx.modes.includes('draft')`, '*', 'draft', 'allow'],
    [`${may('agent')} && r.ctx.modes.includes('research')`, '*', 'research', 'allow'],
    [
      `(r.sub.kind == 'agent' || ${may('agent')}) && r.ctx.risk >= 3 && !r.ctx.person`,
      '*',
      'execute',
      'deny',
    ],
    [`(r.sub.kind == 'agent' || ${may('agent')}) && r.ctx.risk >= 3 && !r.ctx.person`, '*', 'grunt', 'deny'],
    [`r.sub.kind != 'human' || !r.sub.fresh_mfa`, '*', 'analysis', 'deny'],
    [`r.sub.act_depth > 2`, '*', '*', 'deny'],
    [`r.sub.actor_type == 'external_party'`, '*', 'execute', 'deny'],
    [`r.ctx.subjects != 1`, 'data-export', 'execute', 'deny'],
    [`r.ctx.data_classes.includes('credentials')`, 'data-export', 'execute', 'deny'],
    [`r.ctx.data_classes.includes('special_category') && !r.ctx.person`, '*', 'execute', 'deny'],
    [`r.ctx.environment == 'production'`, 'deploy-to-staging', 'execute', 'deny'],
    ...Array.from({ length: extra }, (_, index): [string, string, string, string] => [
      'r.ctx.risk > 4',
      `other-${index}`,
      'execute',
      'deny',
    ]),
  ];
  for (const row of rows) await enforcer.addPolicy(...row);
  return {
    rules: rows.length,
    enforce: ({ principal, workflow, request }) =>
      enforcer.enforceSync(
        { ...principal, act_depth: principal.act.length },
        workflow?.name,
        request?.drag_mode,
        {
          risk: workflow?.risk_level,
          modes: workflow?.modes,
          person: principal.person,
          data_classes: workflow?.data_classes,
          subjects: 1,
          environment: 'none',
        },
      ),
  };
}

const BODY = {
  workflow_name: 'compliance-report',
  drag_mode: 'grunt',
  aim: {
    actor: { name: 'Ada Lovelace' },
    input: { sources: [{ type: 'bench', description: 'nothing but the request' }] },
    mission: { objective: 'Measure what deciding costs', success_criteria: ['it is decided'] },
  },
  options: { mode: 'dry_run' },
};

async function recorded(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'));
  const runtime = await start(folder);
  const { office } = runtime;
  const caller = (index: number) => ({
    principal: person(['operator'], { sub: `client-${index}` }),
    trace: String(index).padStart(32, '0'),
    seen: {},
  });
  const question = () => ask(office, { ok: true, value: BODY }, 'decisions:evaluate');
  const run = async (total: number, clients: number) => {
    const times: number[] = [];
    let left = total;
    const began = performance.now();
    await Promise.all(
      Array.from({ length: clients }, async (_, index) => {
        while (left-- > 0) {
          const from = performance.now();
          await consult(office, caller(index), question(), { grants: true });
          times.push(performance.now() - from);
        }
      }),
    );
    const rate = total / ((performance.now() - began) / 1000);
    times.sort((a, b) => a - b);
    return {
      rate: Math.round(rate),
      p50: percentile(times, 0.5).toFixed(2),
      p99: percentile(times, 0.99).toFixed(2),
    };
  };

  const rows: (string | number)[][] = [];
  try {
    await run(1_000, 32);
    for (const clients of [1, 32, 64]) {
      const { rate, p50, p99 } = await run(clients === 1 ? 1_000 : 10_000, clients);
      rows.push([`decided and recorded durably, ${clients} at once`, rate, p50, p99]);
    }
    // A hundred thousand decisions to replay: copies of one, appended as fast as the lane takes them.
    const sample = await consult(office, caller(0), question(), { grants: true });
    const data = { ...sample.weighed.record.data, decision_id: sample.weighed.decision_id };
    for (let done = 0; done < RECORDED; done += 500) {
      await Promise.all(
        Array.from({ length: 500 }, () =>
          office.ledger.append({ type: 'decision.dry_run', trace: '0'.repeat(32), data }),
        ),
      );
    }
    const before = await run(2_000, 4);
    const candidate = charterWith({
      'policies/out.cedar':
        '@id("out")\nforbid (principal in Chancery::Role::"operator", action, resource is Chancery::Workflow);',
    });
    const mover = { principal: caller(0).principal, trace: '0'.repeat(32) };
    const began = performance.now();
    const replaying = office.amendments.draft(candidate.files, mover).then(async () => {
      const report = await office.amendments.replay(candidate.digest, 0, mover);
      return { report, seconds: (performance.now() - began) / 1000 };
    });
    const during = await run(2_000, 4);
    const { report, seconds } = await replaying;
    rows.push(['4 at once, before the replay', before.rate, before.p50, before.p99]);
    rows.push(['4 at once, during the replay', during.rate, during.p50, during.p99]);
    const flips = report.flips.map(({ kind, count }) => `${kind} ${count}`).join(', ');
    rows.push([
      `replay of ${report.replayed} decisions in ${seconds.toFixed(1)} s: ${flips}`,
      Math.round(report.replayed / seconds),
      '',
      '',
    ]);
  } finally {
    await runtime.stop();
    rmSync(folder, { recursive: true });
  }
  return table(
    'Decisions with the ledger (synced to the disk), and a replay',
    ['what', 'decisions/s', 'p50 ms', 'p99 ms'],
    rows,
  );
}

async function stopping(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'));
  const one = await start(folder);
  const two = await start(folder);
  const seconds: number[] = [];
  try {
    for (let round = 0; round < 3; round++) {
      while ((await two.office.emergency()).state !== 'clear')
        await new Promise((resolve) => setTimeout(resolve, 50));
      await one.office.emergencyOrders.stop({
        by: { by: 'bench', marks: [] },
        reason: 'bench',
        duration_seconds: 6,
        asked: true,
      });
      const began = performance.now();
      while ((await two.office.emergency()).state !== 'stopped')
        await new Promise((resolve) => setTimeout(resolve, 10));
      seconds.push((performance.now() - began) / 1000);
      await one.office.emergencyOrders.end('1.0');
    }
  } finally {
    await two.stop();
    await one.stop();
    rmSync(folder, { recursive: true });
  }
  const worst = Math.max(...seconds).toFixed(2);
  return table(
    'An emergency stop over two runtimes on one store',
    ['rounds', 'seconds until it holds on the other, at most'],
    [[seconds.length, worst]],
  );
}

function start(folder: string) {
  return startRuntime({
    ...readSettings({}, PROJECT),
    port: 0,
    dataFolder: folder,
    logFile: join(folder, 'log.jsonl'),
    log: { level: 'warn' },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const found of await benchDecisions()) console.log(show(found));
}
