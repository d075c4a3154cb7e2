/**
 * The standing of a principal: sanctions and rate windows, side by side in one item, so that the one `add` that
 * counts a request also reads everything that could refuse it.
 *
 * A sanction is two attributes: that it holds, and the moment it ends (ms). They are set by `Table.merge`, so no
 * sanction can be lost to a concurrent count, and one that has ended needs nobody to remove it.
 */
import type { Reason } from '../errors.ts';
import type { Pseudonym } from '../ledger/people/pseudonym.ts';
import type { Attributes, Item, Slot, Table, Tracer, Value } from '../ports.ts';
import { type Principal, SANCTION_KINDS, type SanctionKind } from '../terms.ts';

/** The end of a sanction that does not end by itself. */
export const PERMANENT = 8_640_000_000_000_000;

/** Where a principal's standing is kept. `pseudonym`: hex HMAC of its `sub`, never the `sub` itself. */
export function standingKey(pseudonym: string): { readonly pk: string; readonly sk: string } {
  return { pk: `PRINCIPAL#${pseudonym}`, sk: 'standing' };
}

export interface StandingDeps {
  readonly table: Table;
  readonly pseudonym: Pseudonym;
  readonly tracer: Tracer;
}

/**
 * Counts one more request of who is asking, and reads what stands against them and against who is judged: a sanction on
 * either denies. The two are the same but where an enforcement point asks about another. One round trip, two where
 * they differ. Throws STORE_UNAVAILABLE: then nothing may be decided.
 */
export async function countedStanding(
  { table, pseudonym, tracer }: StandingDeps,
  { asking, judged }: { readonly asking: Principal; readonly judged: Principal },
  slots: readonly Slot[],
  now: number,
): Promise<Item> {
  const own = standingKey(pseudonym(asking));
  // Nothing is done before the decision is recorded, and with that record the count lasts.
  const counted = await tracer.span('standing', {}, () => table.add(own.pk, own.sk, slots, 'with-the-next'));
  if (judged === asking) return counted;
  const sanctions = sanctionsOf(counted, now);
  if (!sanctions.readable || sanctions.active.length > 0) return counted;
  const theirs = standingKey(pseudonym(judged));
  return { ...counted, ...sanctionAttributes(await table.get(theirs.pk, theirs.sk)) };
}

/** How each sanction stands in a standing: that it holds, the moment it ends, the case that it is for. */
const ATTRIBUTES = SANCTION_KINDS.map((kind) => ({
  kind,
  holds: `s_${kind}`,
  ends: `s_${kind}_w`,
  of_case: `s_${kind}_case`,
}));

/** Attributes for `Table.merge` on the standing: under the sanction until `until` (ms). Replaces an earlier end. */
export function sanctioned(kind: SanctionKind, until: number): Readonly<Record<string, number>> {
  return { [`s_${kind}`]: 1, [`s_${kind}_w`]: until };
}

/** The same, and the case that it is for: told to whoever is refused, and of no other effect. */
export const sanctionedFor = (kind: SanctionKind, until: number, case_id: string): Attributes => ({
  ...sanctioned(kind, until),
  [`s_${kind}_case`]: case_id,
});

/** Attributes for `Table.merge` on the standing: the sanction ends now. */
export function lifted(kind: SanctionKind): Readonly<Record<string, number>> {
  return { [`s_${kind}`]: 0, [`s_${kind}_w`]: 0 };
}

export interface ActiveSanction {
  readonly kind: SanctionKind;
  /** Milliseconds. */
  readonly until: number;
  /** The case that it is for, which can be appealed. */
  readonly case_id?: string;
}

export type InForce =
  | {
      readonly readable: true;
      readonly active: readonly ActiveSanction[];
    }
  /** Absent or not what was written: the caller must deny. */
  | { readonly readable: false };

export function sanctionsOf(standing: Item | undefined, now: number): InForce {
  if (standing === undefined) return { readable: false };
  const active: ActiveSanction[] = [];
  for (const { kind, holds, ends, of_case } of ATTRIBUTES) {
    const count = standing[holds];
    const until = standing[ends];
    if (count === undefined && until === undefined) continue;
    if (typeof count !== 'number' || typeof until !== 'number') return { readable: false };
    const of = standing[of_case];
    if (until > now && count > 0)
      active.push({ kind, until, ...(typeof of === 'string' ? { case_id: of } : {}) });
  }
  return { readable: true, active };
}

/** Why whoever is under it is refused. */
export function sanctionReason({ kind, until, case_id }: ActiveSanction): Reason {
  const end = until >= PERMANENT ? 'until it is lifted' : `until ${new Date(until).toISOString()}`;
  const appeal =
    case_id === undefined
      ? ''
      : `; GET /violations/${case_id} shows the case, and POST /violations/${case_id}/appeal appeals what was done or found in it`;
  const message = `the principal is under ${kind} ${end}${appeal}`;
  return { code: `sanction_${kind}`, path: 'token:sub', message, kind: 'forbidden' };
}

/** What an item says of sanctions, and nothing else of it. A principal without a standing has none. */
export function sanctionAttributes(standing: Item | undefined): Readonly<Record<string, Value>> {
  if (standing === undefined) return {};
  const said: Record<string, Value> = {};
  for (const { holds, ends, of_case } of ATTRIBUTES)
    for (const name of [holds, ends, of_case]) {
      const value = standing[name];
      if (value !== undefined) said[name] = value;
    }
  return said;
}
