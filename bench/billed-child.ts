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

const [, , folder = '', event = '', times = '1', jwks = ''] = process.argv;

/**
 * A deployed function takes its issuers' keys over https only: its question goes to the stand-ins. Builds before December 2026 ask by
 * `fetch`. What either loads is counted, so neither is imported above.
 */
function answerKeysOverHttp(): void {
  const http = process.getBuiltinModule('node:http');
  const { request: ask } = http;
  // The SDK's clients ask with options, not with a URL.
  Reflect.set(http, 'request', (...given: readonly unknown[]): unknown =>
    given[0] instanceof URL ? ask(jwks) : Reflect.apply(ask, http, given),
  );
  const { fetch: fetched } = globalThis;
  globalThis.fetch = () => fetched(jwks);
}

const [{ handler }, started] = await measured(() => {
  answerKeysOverHttp();
  return import(pathToFileURL(join(folder, 'index.mjs')).href) as Promise<{ handler: Handler }>;
});
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
