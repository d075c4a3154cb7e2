/** `chancery tools stats`: tool calls of a period, from the ledger. */
import type { Command } from 'commander';
import * as z from 'zod';
import { list } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { listing } from './listing.ts';
import { type Period, periodOption } from './period.ts';
import { registerReviews } from './tool-reviews.ts';
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
  listing(tools.command('stats'))
    .addOption(periodOption('--last <period>', 'how far back: 15m, 24h, 7d', '24h'))
    .description('calls, failures and durations by tool (needs ledger:read)')
    .action(async (options: { last: Period }, command: Command) => {
      const cli = world(command);
      const from = new Date(cli.clock() - options.last.ms).toISOString();
      const stats = await gather(cli, from);
      list(cli, {
        answer: { last: options.last.text, tools: stats },
        rows: stats,
        name: ({ tool }) => tool,
        columns: [
          { head: 'tool', cell: ({ tool }) => tool },
          { head: 'calls', cell: ({ calls }) => calls, right: true },
          { head: 'failed', cell: ({ failures }) => failures, right: true },
          { head: 'denied', cell: ({ denied }) => denied, right: true },
          { head: 'p50 ms', cell: ({ p50_ms }) => p50_ms?.toFixed(1), right: true },
          { head: 'p95 ms', cell: ({ p95_ms }) => p95_ms?.toFixed(1), right: true },
        ],
        empty: `no tool was called in the last ${options.last.text}`,
      });
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
