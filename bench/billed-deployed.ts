/**
 * What a governed execution is billed on the deployed stand-in: the stacks of this tree, or of another (`BENCH_TREE`), deployed as an operator does, each function in
 * processes of its own, and the milliseconds of the stand-in's REPORT lines summed over every function that ran. It bills from the
 * call to the answer, its own worker and a cold import included, and answers for all of AWS in one process: compare trees, not with AWS.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { type Table, table } from './table.ts';

type Real = typeof import('../test/real/deployment.ts');

const HERE = fileURLToPath(new URL('..', import.meta.url));
const EXECUTIONS = Number(process.env.EXECUTIONS ?? 30);
/** What follows an execution (projector, sealer, alarms) has run after this time. */
const SETTLED_MS = 20_000;
const PAUSE_MS = 500;
const PREFIX = 'chancery-dev-';
const BODY: unknown = JSON.parse(readFileSync(join(HERE, 'docs/examples/compliance-report.json'), 'utf8'));
const CLAIMS = {
  sub: 'jake',
  name: 'Jake Smith',
  email: 'jake@example.org',
  roles: ['operator'],
  kind: 'human',
};

/** What a function was billed in a window of time. */
interface Billed {
  readonly runs: number;
  readonly ms: number;
}

/** Where each function's log goes, by its name. */
async function logGroups(lambda: LambdaClient): Promise<Map<string, string>> {
  const groups = new Map<string, string>();
  for await (const { Functions: all = [] } of paginateListFunctions({ client: lambda }, {}))
    for (const { FunctionName: name = '', LoggingConfig: logging } of all)
      if (name.startsWith(PREFIX))
        groups.set(name.slice(PREFIX.length), logging?.LogGroup ?? `/aws/lambda/${name}`);
  return groups;
}

/** Of every function that ran between these times, by its name. */
async function billed(
  logs: CloudWatchLogsClient,
  groups: ReadonlyMap<string, string>,
  from: number,
  to: number,
): Promise<Map<string, Billed>> {
  const found = new Map<string, Billed>();
  for (const [name, group] of groups) {
    let [runs, ms] = [0, 0];
    const asked = { logGroupName: group, startTime: from, endTime: to };
    for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, asked))
      for (const { message = '' } of events) {
        const [, duration] = /^REPORT .*\bBilled Duration: (\d+) ms/.exec(message) ?? [];
        if (duration === undefined) continue;
        runs += 1;
        ms += Number(duration);
      }
    if (runs > 0) found.set(name, { runs, ms });
  }
  return found;
}

export async function benchBilledDeployed(): Promise<Table> {
  const tree = process.env.BENCH_TREE ?? HERE;
  const { Deployment } = (await import(pathToFileURL(join(tree, 'test/real/deployment.ts')).href)) as Real;
  const said: string[] = [];
  const chancery = await Deployment.start((text) => said.push(text));
  try {
    await chancery.deploy('Deploy from nothing');
    const token = await chancery.issuer.mint(CLAIMS);
    const { endpoint } = chancery.ministack;
    const credentials = { accessKeyId: '111122223333', secretAccessKey: 'test' };
    const where = { region: 'eu-central-1', endpoint, credentials };
    const logs = new CloudWatchLogsClient(where);
    const groups = await logGroups(new LambdaClient(where));
    const execute = async (): Promise<void> => {
      const { status, body } = await chancery.call('POST /workflows/governed/execute', { token, body: BODY });
      if (status !== 200) throw new Error(`it answered ${status}: ${JSON.stringify(body)}`);
    };
    const first = Date.now();
    await execute();
    await sleep(SETTLED_MS);
    const later = Date.now();
    for (let done = 0; done < EXECUTIONS; done += 1) {
      await execute();
      await sleep(PAUSE_MS);
    }
    await sleep(SETTLED_MS);
    const idle = Date.now();
    await sleep(idle - later);
    const windows = await Promise.all([
      billed(logs, groups, first, later - 1),
      billed(logs, groups, later, idle - 1),
      billed(logs, groups, idle, idle + (idle - later)),
    ]);
    return table(
      `Milliseconds billed for a governed execution on the deployed stand-in: the first, one of ${EXECUTIONS} later ones, and as long without any`,
      ['function', 'first', 'runs', 'a later one', 'runs', 'meanwhile without any', 'runs'],
      rowsOf(windows),
    );
  } catch (error) {
    throw new Error(`the stand-in said last:\n${said.slice(-10).join('')}`, { cause: error });
  } finally {
    await chancery.stop();
  }
}

function rowsOf(windows: readonly Map<string, Billed>[]): string[][] {
  const names = [...new Set(windows.flatMap((window) => [...window.keys()]))].sort();
  const none: Billed = { runs: 0, ms: 0 };
  const sums = windows.map((window) =>
    [...window.values()].reduce((sum, each) => ({ runs: sum.runs + each.runs, ms: sum.ms + each.ms }), none),
  );
  const row = (name: string, of: readonly Billed[]): string[] => [
    name,
    // Both windows after the first are as long, and told for one execution.
    ...of.flatMap(({ runs, ms }, at) =>
      at === 0
        ? [ms.toFixed(0), String(runs)]
        : [(ms / EXECUTIONS).toFixed(1), (runs / EXECUTIONS).toFixed(2)],
    ),
  ];
  return [
    ...names.map((name) =>
      row(
        name,
        windows.map((window) => window.get(name) ?? none),
      ),
    ),
    row('all', sums),
  ];
}
