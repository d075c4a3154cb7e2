/**
 * `chancery demo`: the whole system in eight steps, in a fresh data folder, with what it really answered.
 * Exits 1 at the first thing that is not as it should be.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { DevClaims } from '../adapters/local/dev-issuer.ts';
import { verifyStore } from '../local/ledger-verify.ts';
import { type Runtime, startRuntime } from '../local/runtime.ts';
import { dataPaths } from '../local/stores.ts';
import type { Verification } from '../src/ledger/verdict.ts';
import { flipOneByte } from './tamper.ts';
import { painted } from './terminal.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly text: string };

export function registerDemo(program: Command, world: (command: Command) => CliWorld): void {
  program
    .command('demo')
    .option('--keep', 'keep the data folder and print where it is')
    .action(async (options: { keep?: boolean }, command: Command) => {
      const cli = world(command);
      const folder = await mkdtemp(join(tmpdir(), 'chancery-demo-'));
      const runtime = await startRuntime({
        ...cli.settings,
        port: 0,
        dataFolder: folder,
        logFile: join(folder, 'chancery.jsonl'),
      });
      try {
        await new Demo(cli, runtime, folder).walk();
      } finally {
        await runtime.stop();
        if (options.keep) cli.out(`The data is in ${folder}.`);
        else await rm(folder, { recursive: true });
      }
    });
}

class Demo {
  readonly #cli: CliWorld;
  readonly #runtime: Runtime;
  readonly #folder: string;
  #step = 0;

  constructor(cli: CliWorld, runtime: Runtime, folder: string) {
    this.#cli = cli;
    this.#runtime = runtime;
    this.#folder = folder;
  }

  async walk(): Promise<void> {
    const operator = await this.#token({
      sub: 'jake',
      name: 'Jake Smith',
      email: 'jake@example.org',
      roles: ['operator'],
      kind: 'human',
    });
    const agent = await this.#token({
      sub: 'planner-7',
      name: 'Planner Seven',
      roles: ['agent'],
      kind: 'agent',
    });
    const auditor = await this.#token({
      sub: 'ada',
      name: 'Ada Byron',
      roles: ['auditor', 'sre'],
      kind: 'human',
    });

    this.#title('Health and metrics before');
    const health = await this.#call('GET', '/health');
    this.#expect(health.status === 200, `GET /health answered ${health.status}`);
    this.#say(`GET /health → ${health.status} ${String(health.body.status)}`);
    const before = await this.#metrics(auditor);
    this.#say(`${before.size} series at GET /metrics`);

    this.#title('An allowed execution, with its receipt');
    const trace = 'demo-allowed-execution';
    const allowed = await this.#call('POST', '/workflows/governed/execute', operator, report('Jake Smith'), {
      'x-trace-id': trace,
    });
    this.#show(allowed, [
      'success',
      'outcome',
      'decision_id',
      'execution_id',
      'governance_summary',
      'duration_seconds',
      'output',
      'settlement',
      'receipt',
    ]);
    this.#expect(
      allowed.status === 200 && allowed.body.success === true,
      'the execution should have succeeded',
    );
    const receipt = allowed.body.receipt as { id: string; record_hash: string };
    const entry = await this.#call('GET', `/ledger/entries/${receipt.id}`, auditor);
    this.#expect(
      entry.status === 200 && entry.body.record_hash === receipt.record_hash,
      'the receipt should name a record of the ledger',
    );
    this.#say(
      `GET /ledger/entries/${receipt.id} → the record with that hash, signed by lane ${String(entry.body.lane)}`,
    );

    this.#title('A request that the AIM rules reject');
    const vague = {
      ...report('Jake Smith'),
      aim: { ...report('Jake Smith').aim, mission: { objective: 'do it', success_criteria: ['done'] } },
    };
    const rejected = await this.#call('POST', '/workflows/governed/execute', operator, vague);
    this.#show(rejected, ['code', 'error', 'reasons', 'decision_id']);
    this.#expect(
      rejected.status === 400 && has(rejected, 'objective_too_short'),
      'a short objective should be 400 objective_too_short',
    );

    this.#title('A request that the charter denies');
    const denied = await this.#call('POST', '/workflows/governed/execute', agent, exportOf('Planner Seven'));
    this.#show(denied, ['code', 'error', 'reasons', 'counterfactual', 'charter', 'decision_id']);
    this.#expect(
      denied.status === 403 && denied.body.code === 'CHARTER_DENIED',
      'an agent alone at risk 3 should be denied',
    );
    this.#expect(
      JSON.stringify(denied.body.reasons).includes('policy_id'),
      'the denial should name its policy',
    );

    this.#title('A request that needs approval');
    const waiting = await this.#call('POST', '/workflows/governed/execute', operator, production());
    this.#show(waiting, ['code', 'outcome', 'approval', 'decision_id']);
    this.#expect(
      waiting.status === 202 && waiting.body.code === 'APPROVAL_REQUIRED',
      'risk 5 should wait for approval',
    );

    this.#title('Metrics after, and what changed');
    const after = await this.#metricsAfter(auditor, before);
    const changed = [...after].filter(
      ([series, value]) =>
        /^chancery_(decisions|aim|workflow_executions|ledger_entries|audit_log)/.test(series) &&
        value !== (before.get(series) ?? 0),
    );
    for (const [series, value] of changed) this.#say(`${series}  ${before.get(series) ?? 0} → ${value}`);
    this.#expect(
      changed.some(([series]) => series.startsWith('chancery_workflow_executions_total')),
      'the execution should be counted',
    );

    this.#title(`The log lines of trace ${trace}`);
    const lines = (await readFile(join(this.#folder, 'chancery.jsonl'), 'utf8'))
      .split('\n')
      .filter((line) => line.includes(trace));
    for (const line of lines) this.#say(line);
    this.#expect(lines.length > 0, 'the trace should be in the log');

    this.#title('Verify the ledger, then flip one byte in a copy and verify that');
    const verified = await this.#verifiedOnceSealed();
    this.#say(
      `ledger verify → ${verified.verdict}: ${verified.entries} records in ${verified.lanes} lane(s)`,
    );
    this.#expect(verified.verdict === 'OK', 'the untouched ledger should verify');
    const [lane = 0, seq = 0] = receipt.id.split('.').map(Number);
    const copy = await this.#runtime.copyStore(join(this.#folder, 'copy'));
    flipOneByte(dataPaths(copy).table, lane, seq);
    const tampered = await verifyStore(copy);
    const finding = tampered.findings.find((found) => found.lane === lane && found.seq === seq);
    this.#say(
      `after one flipped byte → ${tampered.verdict}: ${finding ? `${finding.verdict} at record ${finding.lane}.${finding.seq}: ${finding.detail}` : 'nothing found'}`,
    );
    this.#expect(
      finding?.verdict === 'MODIFIED',
      'the flipped byte should be found as MODIFIED at its record',
    );

    this.#cli.out('');
    this.#cli.out('All eight steps are as they should be. Next: `npm start`, and see README.md.');
  }

  #token(claims: DevClaims): Promise<string> {
    return this.#runtime.mint(claims);
  }

  async #call(
    method: string,
    path: string,
    token?: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.#runtime.url}${path}`, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, text, body: json ? (JSON.parse(text) as Record<string, unknown>) : {} };
  }

  async #metrics(token: string): Promise<Map<string, number>> {
    const { text } = await this.#call('GET', '/metrics', token);
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      samples.map((line) => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.slice(line.lastIndexOf(' ') + 1)),
      ]),
    );
  }

  /** Counters are folded from the ledger a moment after the record: waits for that, for at most five seconds. */
  async #metricsAfter(token: string, before: Map<string, number>): Promise<Map<string, number>> {
    for (let tries = 0; ; tries += 1) {
      const after = await this.#metrics(token);
      const moved = [...after].some(
        ([series, value]) => series.includes('require_approval') && value !== (before.get(series) ?? 0),
      );
      if (moved || tries === 50) return after;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** A record is sealed within the merge delay of two seconds; until then the verdict is PENDING. */
  async #verifiedOnceSealed(): Promise<Verification> {
    for (let tries = 0; ; tries += 1) {
      const verified = await verifyStore(this.#folder);
      if (verified.verdict !== 'PENDING' || tries === 50) return verified;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  #title(text: string): void {
    this.#step += 1;
    this.#cli.out('');
    const title = `${this.#step}. ${text}`;
    this.#cli.painted(this.#cli.colour ? painted('head', title) : title);
  }

  #say(line: string): void {
    this.#cli.out(`   ${line}`);
  }

  #show(answer: Answer, members: readonly string[]): void {
    const shown = Object.fromEntries(
      members.filter((member) => member in answer.body).map((member) => [member, answer.body[member]]),
    );
    this.#say(`HTTP ${answer.status}`);
    for (const line of JSON.stringify(shown, null, 2).split('\n')) this.#say(line);
  }

  #expect(isSo: boolean, what: string): asserts isSo {
    if (!isSo) throw new CommandEnd(`Step ${this.#step} is not as it should be: ${what}.`, EXIT.negative);
  }
}

const has = (answer: Answer, code: string): boolean =>
  JSON.stringify(answer.body.reasons).includes(`"${code}"`);

function report(actor: string) {
  return {
    workflow_name: 'compliance-report',
    drag_mode: 'grunt',
    aim: {
      actor: { name: actor, role: 'Operator' },
      input: {
        sources: [{ type: 'ledger', description: 'everything recorded so far today' }],
        constraints: ['read-only'],
      },
      mission: {
        objective: 'Report what was decided during the last day',
        success_criteria: ['a report is written'],
        checks: [{ criterion: 0, path: '$.document', op: 'exists' }],
      },
    },
    parameters: {},
  };
}

function exportOf(actor: string) {
  return {
    workflow_name: 'data-export',
    drag_mode: 'execute',
    aim: {
      actor: { name: actor },
      input: { sources: [{ type: 'ledger', description: 'the records of one subject' }] },
      mission: {
        objective: 'Export everything that is known of jake',
        success_criteria: ['one file is written'],
      },
    },
    parameters: { subject: 'jake' },
  };
}

function production() {
  return {
    workflow_name: 'deploy-to-production',
    drag_mode: 'execute',
    aim: {
      actor: { name: 'Jake Smith' },
      input: { sources: [{ type: 'release', description: 'release notes of version 1.4.0' }] },
      mission: {
        objective: 'Deploy version 1.4.0 to production without downtime',
        success_criteria: ['health checks pass'],
      },
    },
    parameters: { version: '1.4.0' },
  };
}
