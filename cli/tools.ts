/** `chancery tools stats`: tool calls of a period, from the ledger. */
import type { Command } from 'commander';
import * as z from 'zod';
import { apiClient, succeeded } from './client.ts';
import { periodOf } from './period.ts';
import { registerReviews } from './tool-reviews.ts';
import { inOneLine } from './visible.ts';
import type { CliWorld } from './world.ts';

const page = z.object({
  entries: z.array(
    z.object({
      record: z.object({
        data: z.object({
          tool: z.string(),
          outcome: z.string().optional(),
          duration_us: z.number().optional(),
        }),
        type: z.string(),
      }),
    }),
  ),
  next: z.string().optional(),
});

interface Stats {
  readonly tool: string;
  readonly calls: number;
  readonly failures: number;
  readonly denied: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
}

export function registerTools(program: Command, world: (command: Command) => CliWorld): void {
  const tools = program.command('tools');
  registerReviews(tools, world);
  tools
    .command('stats')
    .option('--last <period>', 'how far back: 15m, 24h, 7d', '24h')
    .description('calls, failures and durations by tool (needs ledger:read)')
    .action(async (options: { last: string }, command: Command) => {
      const cli = world(command);
      const from = new Date(cli.clock() - periodOf(options.last)).toISOString();
      const stats = await gather(cli, from);
      if (cli.json) return cli.out(JSON.stringify({ last: options.last, tools: stats }));
      if (stats.length === 0) return cli.out(`no tool was called in the last ${options.last}`);
      cli.out(
        `${'tool'.padEnd(32)}  ${'calls'.padStart(7)}  ${'failed'.padStart(7)}  ${'denied'.padStart(7)}  ${'p50 ms'.padStart(8)}  ${'p95 ms'.padStart(8)}`,
      );
      for (const { tool, calls, failures, denied, p50_ms, p95_ms } of stats) {
        const numbers = [calls, failures, denied].map((count) => String(count).padStart(7));
        const times = [p50_ms, p95_ms].map((ms) => (ms === null ? '-' : ms.toFixed(1)).padStart(8));
        cli.out([inOneLine(tool).slice(0, 32).padEnd(32), ...numbers, ...times].join('  '));
      }
    });
}

async function gather(cli: CliWorld, from: string): Promise<Stats[]> {
  const api = await apiClient(cli, ['auditor']);
  const calls = new Map<string, { calls: number; failures: number; denied: number; times: number[] }>();
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ type: 'tool.*', from, limit: '1000', ...(cursor ? { cursor } : {}) });
    const answer = succeeded(await api.call('GET', `/ledger/entries?${query}`));
    const { entries, next } = page.parse(answer);
    for (const { record } of entries) {
      // Reviews are records of tools as well, and no calls.
      if (record.type !== 'tool.invoked' && record.type !== 'tool.failed') continue;
      const { tool, outcome, duration_us } = record.data;
      const one = calls.get(tool) ?? { calls: 0, failures: 0, denied: 0, times: [] };
      one.calls += 1;
      if (record.type === 'tool.failed') one.failures += 1;
      if (outcome === 'denied') one.denied += 1;
      if (duration_us !== undefined) one.times.push(duration_us / 1000);
      calls.set(tool, one);
    }
    cursor = next;
  } while (cursor !== undefined);
  return [...calls]
    .map(([tool, { times, ...counts }]) => {
      times.sort((a, b) => a - b);
      return { tool, ...counts, p50_ms: rank(times, 0.5), p95_ms: rank(times, 0.95) };
    })
    .sort((a, b) => b.calls - a.calls || (a.tool < b.tool ? -1 : 1));
}

/** Nearest rank; null when there are none. */
function rank(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
