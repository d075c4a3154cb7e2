/**
 * Decided and put on record over HTTP, beside two engines that decide by policy and log their decisions: `npm run bench -- deciders`.
 * Each is a process of its own, as it comes but for its log; they are built from their Go modules on first use, which takes minutes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { goBuilt, goProgram } from '../test/real/go-tools.ts';
import { freePort } from '../test/support/free-port.ts';
import { startProcess } from '../test/support/process.ts';
import { answers, ended } from './child.ts';
import { BODY, WORKFLOWS } from './governed.ts';
import { type Asked, load } from './load.ts';
import { percentile, type Table, table } from './table.ts';

const CERBOS = 'github.com/cerbos/cerbos/cmd/cerbos@v0.50.0';
const OPA = 'github.com/open-policy-agent/opa@v1.22.4';

const CLIENTS = [1, 32] as const;
/** Code that is compiled while it runs is measured when it is. */
const WARM_MS = 15_000;
const SECONDS = 6;
/** In turns, so that a slow minute of the machine is everybody's. */
const ROUNDS = 3;

interface Decider {
  readonly what: string;
  asks(client: number): Asked;
  /** Its log of decisions grows with them; undefined where the answer itself is the proof. */
  readonly log?: string;
  readonly lacks: string;
}

export async function benchDeciders(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-deciders-'));
  const children: ChildProcess[] = [];
  try {
    const deciders = [
      ...(await chancery(folder, children)),
      await cerbos(folder, children),
      await opa(folder, children),
    ];
    const crowd = Array.from({ length: Math.max(...CLIENTS) }, (_, client) => client);
    for (const each of deciders)
      await load(
        crowd.map((client) => each.asks(client)),
        WARM_MS,
      );
    const rows: (string | number)[][] = [];
    for (const many of CLIENTS) {
      const found = deciders.map((): { latencies: number[]; rates: number[] } => ({
        latencies: [],
        rates: [],
      }));
      for (let round = 0; round < ROUNDS; round += 1)
        for (const [index, decider] of deciders.entries()) {
          const asked = Array.from({ length: many }, (_, client) => decider.asks(client));
          const { latencies, failures, seconds } = await load(asked, SECONDS * 1_000);
          if (failures > 0) throw new Error(`${decider.what} refused ${failures} of ${latencies.length}`);
          found[index]?.latencies.push(...latencies);
          found[index]?.rates.push(latencies.length / seconds);
        }
      for (const [index, { what, lacks, log }] of deciders.entries()) {
        if (log !== undefined && statSync(log).size === 0) throw new Error(`${what} logged nothing`);
        const { latencies = [], rates = [] } = found[index] ?? {};
        latencies.sort((a, b) => a - b);
        rates.sort((a, b) => a - b);
        const [p50, p99] = [percentile(latencies, 0.5).toFixed(2), percentile(latencies, 0.99).toFixed(2)];
        rows.push([what, many, Math.round(percentile(rates, 0.5)), p50, p99, lacks]);
      }
    }
    return table(
      'Decided and on record, over HTTP',
      ['who', 'clients', 'decisions/s', 'p50 ms', 'p99 ms', 'what it does not do'],
      rows,
    );
  } finally {
    for (const child of children) await ended(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * One runtime, asked in two ways. As an enforcement point asks the others: may this subject do that (AuthZEN). And as a caller asks
 * for itself: form and aim of its request are checked, and the answer grants a capability. Each record is synced to the disk before its answer.
 */
async function chancery(folder: string, children: ChildProcess[]): Promise<Decider[]> {
  const data = join(folder, 'chancery');
  const runtime = await startProcess(data, { CHANCERY_WORKFLOWS: WORKFLOWS });
  children.push(runtime.child);
  const tokenOf = (sub: string, kind: 'human' | 'service') =>
    mintLocalToken(data, { sub, name: 'Jake Smith', roles: ['operator'], kind }, Date.now());
  const point = await tokenOf('gateway', 'service');
  const tokens = await Promise.all(
    Array.from({ length: Math.max(...CLIENTS) }, (_, client) => tokenOf(`client-${client}`, 'human')),
  );
  return [
    {
      what: 'chancery, evaluation (AuthZEN)',
      asks: (client) => ({
        url: `${runtime.url}/access/v1/evaluation`,
        token: point,
        body: JSON.stringify({
          subject: { type: 'user', id: `client-${client}`, properties: { roles: ['operator'] } },
          action: { name: 'workflow:execute' },
          resource: { type: 'workflow', id: 'hello' },
        }),
      }),
      lacks: '',
    },
    {
      what: 'chancery, decision with capability',
      asks(client) {
        const token = tokens[client];
        return { url: `${runtime.url}/decisions`, body: BODY, ...(token === undefined ? {} : { token }) };
      },
      lacks: '',
    },
  ];
}

async function cerbos(folder: string, children: ChildProcess[]): Promise<Decider> {
  const program = goBuilt(CERBOS);
  const [http, grpc] = [await freePort(), await freePort()];
  const log = join(folder, 'cerbos-audit.log');
  const policies = join(folder, 'cerbos');
  mkdirSync(policies);
  writeFileSync(
    join(policies, 'workflow.yaml'),
    JSON.stringify({
      apiVersion: 'api.cerbos.dev/v1',
      resourcePolicy: {
        version: 'default',
        resource: 'workflow',
        rules: [
          {
            actions: ['execute'],
            effect: 'EFFECT_ALLOW',
            roles: ['operator'],
            condition: { match: { expr: 'R.attr.risk <= 3' } },
          },
          {
            actions: ['execute'],
            effect: 'EFFECT_DENY',
            roles: ['*'],
            condition: { match: { expr: 'P.attr.delegations > 2' } },
          },
        ],
      },
    }),
  );
  const config = join(folder, 'cerbos.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      server: { httpListenAddr: `127.0.0.1:${http}`, grpcListenAddr: `127.0.0.1:${grpc}` },
      storage: { driver: 'disk', disk: { directory: policies } },
      telemetry: { disabled: true },
      audit: {
        enabled: true,
        accessLogsEnabled: false,
        decisionLogsEnabled: true,
        backend: 'file',
        file: { path: log },
      },
    }),
  );
  children.push(spawn(program, ['server', `--config=${config}`], { stdio: 'ignore' }));
  await answers(`http://127.0.0.1:${http}/_cerbos/health`);
  return {
    what: 'Cerbos 0.50, audit file',
    log,
    asks: (client) => ({
      url: `http://127.0.0.1:${http}/api/check/resources`,
      body: JSON.stringify({
        requestId: 'bench',
        principal: { id: `client-${client}`, roles: ['operator'], attr: { delegations: 0 } },
        resources: [{ actions: ['execute'], resource: { kind: 'workflow', id: 'hello', attr: { risk: 1 } } }],
      }),
    }),
    lacks: 'who asks (no token), the form of the request, a synced record, a chain or signature, revoking',
  };
}

async function opa(folder: string, children: ChildProcess[]): Promise<Decider> {
  const program = goProgram(OPA);
  const port = await freePort();
  const log = join(folder, 'opa.log');
  const policy = join(folder, 'chancery.rego');
  writeFileSync(
    policy,
    [
      'package chancery',
      'default allow := false',
      'allow if { "operator" in input.principal.roles; input.action == "execute"; input.resource.risk <= 3; not deny }',
      'deny if input.principal.delegations > 2',
    ].join('\n'),
  );
  const args = ['run', '--server', '--addr', `127.0.0.1:${port}`, '--set', 'decision_logs.console=true'];
  const file = openSync(log, 'w');
  children.push(spawn(program, [...args, policy], { stdio: ['ignore', file, file] }));
  await answers(`http://127.0.0.1:${port}/health`);
  return {
    what: 'OPA 1.22, decision log',
    log,
    asks: (client) => ({
      url: `http://127.0.0.1:${port}/v1/data/chancery/allow`,
      body: JSON.stringify({
        input: {
          principal: { id: `client-${client}`, roles: ['operator'], delegations: 0 },
          action: 'execute',
          resource: { id: 'hello', risk: 1 },
        },
      }),
    }),
    lacks: 'who asks (no token), the form of the request, a synced record, a chain or signature, revoking',
  };
}
