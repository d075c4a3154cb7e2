/** What a report that somebody has says it was compiled from, so that it can be compiled again. */
import * as z from 'zod';
import { type Period, QUARTER, quarterNamed } from './period.ts';
import type { ReportFormat } from './report.ts';

export interface Claimed {
  readonly format: ReportFormat;
  readonly period: Period;
  /** Sizes of the tree. */
  readonly from: number;
  readonly to: number;
  /** A signed note. */
  readonly checkpoint: string;
}

const size = z.number().int().nonnegative();
const claims = z.object({
  quarter: z.string().optional(),
  times_from: z.iso.datetime({ offset: true }),
  times_before: z.iso.datetime({ offset: true }),
  from: size,
  to: size,
  checkpoint: z.string(),
});
const asJson = z
  .object({
    period: z.object({ quarter: z.string().optional(), from: z.string(), to: z.string() }),
    proof: z.object({
      from: z.object({ tree_size: size }),
      to: z.object({ tree_size: size }),
      checkpoint: z.string(),
    }),
  })
  .transform(({ period, proof }) => ({
    quarter: period.quarter,
    times_from: period.from,
    times_before: period.to,
    from: proof.from.tree_size,
    to: proof.to.tree_size,
    checkpoint: proof.checkpoint,
  }));

/** Undefined for text that is no report of ours, in whatever format. Nothing of it is believed yet. */
export function claimedIn(text: string): Claimed | undefined {
  const format = formatOf(text);
  const found = claims.safeParse(format === 'json' ? inJson(text) : inPage(text, PAGES[format]));
  if (!found.success) return undefined;
  const { quarter, times_from, times_before, from, to, checkpoint } = found.data;
  const period =
    quarter === undefined
      ? { from: Date.parse(times_from), to: Date.parse(times_before) }
      : quarterNamed(quarter);
  return period && { format, period, from, to, checkpoint };
}

function formatOf(text: string): ReportFormat {
  if (text.startsWith('{')) return 'json';
  return text.startsWith('#') ? 'markdown' : 'html';
}

function inJson(text: string): unknown {
  try {
    return asJson.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Where a page has its title, its rows and its checkpoint. */
const PAGES = {
  markdown: {
    title: /^# Governance report (.*)$/m,
    row: (name: string) => new RegExp(`^\\| ${name} \\| (.*) \\|$`, 'm'),
    checkpoint: /^## Checkpoint\n\n```\n([\s\S]*)```\n*$/m,
    plain: (text: string) => text,
  },
  html: {
    title: /<h1>Governance report (.*)<\/h1>/,
    row: (name: string) => new RegExp(`<th scope="row">${name}</th><td>(.*)</td>`),
    checkpoint: /<pre>([\s\S]*)<\/pre>/,
    plain: (text: string) =>
      text.replaceAll('&quot;', '"').replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&'),
  },
} as const;

function inPage(text: string, page: (typeof PAGES)['markdown' | 'html']): unknown {
  const at = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  const title = at(page.title);
  const checkpoint = at(page.checkpoint);
  return {
    ...(title !== undefined && QUARTER.test(title) ? { quarter: title } : {}),
    times_from: at(page.row('times from')),
    times_before: at(page.row('times before')),
    from: Number(at(page.row('from tree size'))),
    to: Number(at(page.row('to tree size'))),
    checkpoint: checkpoint === undefined ? undefined : page.plain(checkpoint),
  };
}
