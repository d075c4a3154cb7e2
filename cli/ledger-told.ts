/**
 * What a ledger's keeper says of the parts that the API does not show: the store, the write-once copies, the witness's
 * memory and the keys of persons. The sealed log was verified by whoever asks; this is the service's own word beside it.
 */
import * as z from 'zod';
import type { LedgerVerification } from '../src/ledger/check/verify-log.ts';
import { conclude, type Finding } from '../src/ledger/verdict.ts';
import { VERDICTS } from '../src/terms.ts';
import type { ApiClient } from './client.ts';
import { CommandEnd } from './world.ts';

const said = z.looseObject({
  findings: z.array(
    z.looseObject({
      verdict: z.enum(VERDICTS),
      lane: z.int().optional(),
      seq: z.int().optional(),
      detail: z.string(),
    }),
  ),
  within_merge_delay: z.boolean().default(true),
});

/** Own findings, and those of the service that are not among them; `untold`: why it said nothing. */
export async function withServiceWord(
  own: LedgerVerification,
  client: Pick<ApiClient, 'call'>,
): Promise<{ readonly verification: LedgerVerification; readonly untold?: string }> {
  const answer = await client.call('POST', '/ledger/verify').catch((cause: unknown) => {
    // What was verified here stands, whatever becomes of the service's own word.
    if (cause instanceof CommandEnd) return { status: 0, body: cause.message };
    throw cause;
  });
  const told = said.safeParse(answer.body);
  if (answer.status === 0) return { verification: own, untold: String(answer.body) };
  if (answer.status >= 400 || !told.success)
    return { verification: own, untold: `it answered ${answer.status}` };
  const { findings, within_merge_delay } = told.data;
  const known = new Set(own.findings.map(placeOf));
  const more = findings
    .filter((finding) => !known.has(placeOf(finding)))
    .map(({ verdict, lane, seq, detail }) => ({
      verdict,
      ...(lane === undefined ? {} : { lane }),
      ...(seq === undefined ? {} : { seq }),
      detail: `the service says: ${detail}`,
    }));
  const { entries, lanes, tree_size } = own;
  return {
    verification: {
      ...conclude({ entries, lanes, tree_size }, [...own.findings, ...more]),
      within_merge_delay: own.within_merge_delay && within_merge_delay,
    },
  };
}

const placeOf = ({ verdict, lane, seq, detail }: Finding): string =>
  JSON.stringify(lane === undefined ? [verdict, detail] : [verdict, lane, seq]);
