/**
 * The runtime for `violations.ts`, in a process of its own, so that its memory is its own too. Argument: the data folder.
 * Prints its address and tokens, answers each line on its input with its resident memory and how its time since the line
 * before was spent, and stops when that ends.
 */
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { startRuntime } from '../local/runtime.ts';
import { readSettings } from '../local/settings.ts';

const NODES = 50;
const [, , folder = ''] = process.argv;
const project = new URL('..', import.meta.url).pathname;
const runtime = await startRuntime({
  ...readSettings({}, project),
  port: 0,
  dataFolder: folder,
  logFile: `${folder}/log.jsonl`,
});
const node = (name: string) =>
  runtime.mint({ sub: name, kind: 'service', roles: [], scopes: ['decisions:evaluate'] });
const tokens = await Promise.all(Array.from({ length: NODES }, (_, at) => node(`node-${at + 1}`)));
const [probe, reader] = await Promise.all([
  node('probe'),
  runtime.mint({ sub: 'sam', kind: 'human', roles: ['sre', 'auditor'] }),
]);
console.log(JSON.stringify({ url: runtime.url, tokens, probe, reader }));
let [utilization, cpu, at] = [performance.eventLoopUtilization(), process.cpuUsage(), performance.now()];
for await (const _ of createInterface({ input: process.stdin })) {
  const spent = process.cpuUsage(cpu);
  const share = (part: number): number => part / (performance.now() - at);
  const busy = performance.eventLoopUtilization(utilization).utilization;
  // CPU of all threads, the sealing one included; the loop is also busy while it waits for a commit.
  console.log(
    JSON.stringify({
      rss: process.memoryUsage.rss(),
      busy,
      cores: share((spent.user + spent.system) / 1_000),
    }),
  );
  [utilization, cpu, at] = [performance.eventLoopUtilization(), process.cpuUsage(), performance.now()];
}
await runtime.stop();
