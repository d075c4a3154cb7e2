/**
 * Whether an override is in force for a request that would have to wait for an approval. Looked for in the store each
 * time, so that one that was ended holds for nobody from then on, and believed only as far as its records go.
 */
import type { OverrideInForce } from '../../decision/facts.ts';
import { type Known, type Marked, sameMarked } from '../../identity/person.ts';
import type { Justifier } from '../../ledger/justified.ts';
import type { Clock, Table } from '../../ports.ts';
import type { PrincipalId } from '../../terms.ts';
import { lastsIn, OVERRIDES, type Override, overrideOf, votersOf } from './override.ts';

export interface InForceDeps {
  readonly table: Pick<Table, 'get' | 'query'>;
  readonly justifier: Pick<Justifier, 'read'>;
  /** Whether another writer's record says that a time has come: our own clock may be late. */
  readonly isPast: (ms: number) => Promise<boolean>;
  readonly marked: (who: Known & PrincipalId) => Marked;
  readonly clock: Clock;
}

/** The one that lets this principal run this workflow without an approval. */
export type FindOverride = (
  workflow: string,
  who: Known & PrincipalId,
) => Promise<OverrideInForce | undefined>;

/** One small item under its workflow for each override that is not over. */
export const OF = (workflow: string): string => `OVERRIDES#OF#${workflow}`;

export function findOverrides({ table, justifier, isPast, marked, clock }: InForceDeps): FindOverride {
  /**
   * Before its end by every clock, and as its newest record says: whoever can write to the store cannot make one. One
   * that is for somebody is not for whoever gave their word for it with another account.
   */
  async function holds(kept: Override, who: Marked): Promise<boolean> {
    if (clock() >= kept.until || (await isPast(kept.until))) return false;
    const found = await justifier.read(kept.record);
    if (found === undefined) return false;
    const { data, type, time } = found.record;
    const same =
      data.override_id === kept.override_id &&
      data.workflow === kept.workflow &&
      data.subject === kept.subject;
    // The newest record of one in force is its start, its renewal, or somebody's asking for one.
    const starts = type === 'override.started' && data.final === true;
    if (!same || (!starts && type !== 'override.renewed')) return false;
    const { voters = [] } = votersOf(data);
    if (kept.subject !== undefined && voters.some((voter) => sameMarked(voter, who))) return false;
    const at = Date.parse(time);
    const started = typeof data.started === 'string' ? Date.parse(data.started) : at;
    const most = started + lastsIn(data.production !== false).most_ms;
    return kept.until <= (data.final === true ? Math.min(at + Number(data.duration_ms), most) : most);
  }

  return async (workflow, principal) => {
    let who: Marked | undefined;
    let after: string | undefined;
    do {
      const page = await table.query(OF(workflow), after === undefined ? {} : { after });
      for (const { sk } of page.items) {
        const item = await table.get(OVERRIDES, sk);
        const kept = item && overrideOf(sk, item);
        if (kept === undefined || kept.status !== 'active' || kept.workflow !== workflow) continue;
        who ??= marked(principal);
        if ((kept.subject ?? who.by) !== who.by || !(await holds(kept, who))) continue;
        const { override_id, reason, until } = kept;
        return { override_id, reason, until };
      }
      after = page.next;
    } while (after !== undefined);
    return undefined;
  };
}
