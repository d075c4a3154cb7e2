/** One environment of a function: imports it, and hands it the same event so many times, one after the other. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Milliseconds on the clock, which Lambda bills, and of the processor, threads included. */
export interface Billed {
  readonly ms: number;
  readonly cpu: number;
}

export interface Environment {
  readonly started: Billed;
  readonly invocations: readonly Billed[];
}

async function measured<Value>(work: () => Promise<Value>): Promise<[Value, Billed]> {
  const [began, before] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  return [value, { ms: performance.now() - began, cpu: (user + system) / 1_000 }];
}

const [, , folder = '', event = '', times = '1', keys = ''] = process.argv;
// A deployed function takes its issuers' keys over https only.
globalThis.fetch = async () => new Response(keys);
const [{ handler }, started] = await measured(
  () => import(pathToFileURL(join(folder, 'index.mjs')).href) as Promise<{ handler: Handler }>,
);
const invocations: Billed[] = [];
for (let time = 0; time < Number(times); time++) {
  const [{ statusCode, body }, billed] = await measured(() => handler(JSON.parse(event), {}));
  if (statusCode !== 200) throw new Error(`the gate answered ${statusCode}: ${body}`);
  invocations.push(billed);
}
process.stdout.write(`\n${JSON.stringify({ started, invocations } satisfies Environment)}\n`, () =>
  process.exit(),
);

type Handler = (event: unknown, context: object) => Promise<{ statusCode: number; body: string }>;
