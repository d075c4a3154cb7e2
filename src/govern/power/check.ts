/**
 * Compares working state with the ledger, item by item: what was inserted, changed or removed by somebody who may not
 * is named on record and made right. An item is looked at twice, a moment apart, before anybody is accused: a writer may
 * be between its record and its item.
 */
import { inBatches } from '../../basics/batches.ts';
import { bundleCopy } from '../../charter/store.ts';
import type { JsonObject } from '../../json.ts';
import type { Attributes, Blobs, Item, Table } from '../../ports.ts';
import { definitionIn } from '../../tools/reviews.ts';
import type { PowerFold } from './fold.ts';
import { BEARS, kindOf, LISTED, type Power, type PowerKind } from './powers.ts';
import { heldStop, isOfOldEdition, isUnrecordedStop, type Odd, oddness } from './says.ts';

export interface StateFinding {
  readonly item: PowerKind;
  readonly finding: Odd;
  readonly partition: string;
  readonly place: string;
  /** Newest record that says what it must be; none where no record knows it. */
  readonly record?: string;
  /** False: what it was cannot be made anew from records; without them it gives nothing. */
  readonly healed: boolean;
}

export interface StateReport {
  readonly verdict: 'OK' | 'TAMPERED';
  /** Items that give power, and were compared. */
  readonly items: number;
  readonly findings: readonly StateFinding[];
}

export interface StateCheck {
  /** Remembers an item of which only the store has the whole. */
  wrote(item: Item): void;
  /** To be looked at in the next round. */
  suspect(pk: string, sk: string): void;
  /** One round: suspects, and what was touched since the last. */
  round(): Promise<readonly StateFinding[]>;
  /** Everything, against everything. */
  verify(): Promise<StateReport>;
}

export interface StateCheckDeps {
  /** The store itself, not as it is seen through the guard. */
  readonly table: Table;
  readonly fold: Pick<PowerFold, 'powers' | 'catchUp'>;
  /** Puts a `security.tamper_detected` on record. */
  readonly alarm: (data: JsonObject) => Promise<unknown>;
  /** Puts a stop on record that stands without one, and names the record in the stop. */
  readonly recordStop: (stop: Item) => Promise<unknown>;
  /** Bundles of charters as they were handed in, outside of the tables. */
  readonly bundles: Pick<Blobs, 'get'>;
  /** Keys that were written since it was last asked; undefined where nobody tells. */
  readonly touched?: () => Promise<readonly { readonly pk: string; readonly sk: string }[]>;
  readonly clock: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** Far longer than a writer needs between its record and its item. */
const GRACE_MS = 1_000;

/** Kinds of which the store alone has the whole: what was last right is kept in memory. */
const REMEMBERED: ReadonlySet<PowerKind | undefined> = new Set([
  'approval',
  'charter_votes',
  'acknowledgement',
  'revocation',
  'hold',
  'override',
  'healing',
  'mission',
  'tool_review',
]);

interface Suspect {
  readonly pk: string;
  readonly sk: string;
}

export function createStateCheck(deps: StateCheckDeps): StateCheck {
  const { table, fold } = deps;
  const suspects = new Map<string, Suspect>();
  /** Items of which only the store has the whole, as they were when last found right. */
  const images = new Map<string, Item>();
  /** Lost for good and told once. */
  const lost = new Set<string>();
  const nameOf = ({ pk, sk }: Suspect): string => `${pk}\u0000${sk}`;

  async function odd({
    pk,
    sk,
  }: Suspect): Promise<{ kind: PowerKind; item?: Item; power?: Power; odd: Odd } | undefined> {
    const kind = kindOf(pk, sk);
    const item = await table.get(pk, sk);
    if (kind === undefined) return undefined;
    const power = fold.powers.get(pk, sk);
    const found = { kind, ...(item ? { item } : {}), ...(power ? { power } : {}) };
    const wrong = oddness(kind, item, power) ?? (await wrongInside(kind, item, power));
    if (wrong !== undefined) return { ...found, odd: wrong };
    if (item !== undefined && power !== undefined && isKept(power)) images.set(nameOf(item), item);
    else images.delete(nameOf({ pk, sk }));
    return undefined;
  }

  /** A bundle, and a tool's definition, give power by what stands in them. */
  async function wrongInside(kind: PowerKind, item?: Item, power?: Power): Promise<Odd | undefined> {
    if (item === undefined || power === undefined) return undefined;
    if (kind === 'tool_review')
      return definitionIn(item.said)?.digest === power.rest?.definition_digest ? undefined : 'changed';
    if (kind !== 'charter_bundle') return undefined;
    const kept = await copyOf(power);
    return kept === undefined || kept === item.files ? undefined : 'changed';
  }

  const copyOf = async ({ sk }: { sk: string }): Promise<string | undefined> => {
    const bytes = await deps.bundles.get(bundleCopy(sk.slice('bundle#'.length)));
    return bytes && new TextDecoder().decode(bytes);
  };

  /** True when the item is as the records say. */
  async function heal(
    kind: PowerKind,
    item: Item | undefined,
    power: Power | undefined,
    at: Suspect,
  ): Promise<boolean> {
    const { pk, sk } = at;
    if (power === undefined) {
      if (kind === 'sanction' || kind === 'acknowledgement') await table.merge(pk, sk, blanks(kind, item));
      else await table.remove(pk, sk);
      return true;
    }
    if (kind === 'charter_bundle') {
      const files = await copyOf(power);
      if (files === undefined) return false;
      await table.merge(pk, sk, { files });
      return true;
    }
    const image = images.get(nameOf(at));
    if (image === undefined && kind === 'approval') return false;
    const whole: Attributes = image ?? (item === undefined ? { version: 1, ...power.rest } : {});
    // As this merge left it: a later look could meet what somebody wrote since, who would then have it given up for good.
    const now = await table.merge(pk, sk, { ...withoutKey(whole), ...blanks(kind, item), ...power.must });
    return (oddness(kind, now, power) ?? (await wrongInside(kind, now, power))) === undefined;
  }

  /** The second look: what is still wrong is tampering. */
  async function judge(at: Suspect): Promise<StateFinding | undefined> {
    const found = await odd(at);
    if (found === undefined) {
      lost.delete(nameOf(at));
      return undefined;
    }
    const { kind, item, power } = found;
    if (lost.has(nameOf(at))) return undefined;
    if (isOfOldEdition(kind, item, power)) {
      // A sealed state cannot be given a record's name afterwards: it is to be asked for again.
      if (kind === 'approval') lost.add(nameOf(at));
      else await heal(kind, item, power, at);
      return undefined;
    }
    const said = {
      item: kind,
      finding: found.odd,
      partition: at.pk,
      place: at.sk,
      ...(power === undefined ? {} : { record: power.record }),
    };
    const held = kind === 'emergency' && isUnrecordedStop(item) ? heldStop(item, power) : undefined;
    const unrecorded = held !== undefined && isUnrecordedStop(held);
    // Said before it is mended: a crash in between says it twice, and never hides it.
    await deps.alarm({ kind: `state_${found.odd}`, ...said, ...(unrecorded ? { unrecorded } : {}) });
    if (unrecorded) {
      // Whether its own record failed or somebody forged it cannot be told, and it only denies: two people release it.
      await deps.recordStop(held);
      return { ...said, healed: true };
    }
    const healed = await heal(kind, item, power, at);
    if (!healed) lost.add(nameOf(at));
    return { ...said, healed };
  }

  /** Two looks at each; those that are wrong at both are tampered with. */
  async function judgeAll(all: readonly Suspect[]): Promise<StateFinding[]> {
    const first = await inBatches(all, async (at) => ((await odd(at)) === undefined ? [] : [at]));
    const wrong = first.flat();
    if (wrong.length === 0) return [];
    await deps.wait(GRACE_MS);
    await fold.catchUp();
    return (await inBatches(wrong, judge)).filter((finding) => finding !== undefined);
  }

  return {
    wrote(item) {
      if (REMEMBERED.has(kindOf(item.pk, item.sk))) images.set(nameOf(item), item);
    },

    suspect(pk, sk) {
      suspects.set(nameOf({ pk, sk }), { pk, sk });
    },

    async round() {
      await fold.catchUp();
      fold.powers.prune(deps.clock());
      for (const at of (await deps.touched?.()) ?? []) suspects.set(nameOf(at), at);
      const all = [...suspects.values()];
      suspects.clear();
      try {
        return await judgeAll(all);
      } catch (error) {
        // The store or the ledger is away: they are looked at again.
        for (const at of all) suspects.set(nameOf(at), at);
        throw error;
      }
    },

    async verify() {
      await fold.catchUp();
      const all = new Map<string, Suspect>();
      for (const power of fold.powers.all()) all.set(nameOf(power), power);
      for (const pk of LISTED) {
        let after: string | undefined;
        do {
          const page = await table.query(pk, after === undefined ? {} : { after });
          for (const { sk } of page.items)
            if (kindOf(pk, sk) !== undefined) all.set(nameOf({ pk, sk }), { pk, sk });
          after = page.next;
        } while (after !== undefined);
      }
      const findings = await judgeAll([...all.values()]);
      return { verdict: findings.length === 0 ? 'OK' : 'TAMPERED', items: all.size, findings };
    },
  };

  /** Whether the store alone has the whole of it, and it can still give something. */
  function isKept({ kind, rest }: Power): boolean {
    return REMEMBERED.has(kind) && rest?.final !== true;
  }
}

const withoutKey = ({ pk: _pk, sk: _sk, ...attributes }: Attributes): Attributes => attributes;

/** What takes all power from an item that also serves something else. */
function blanks(kind: PowerKind, item: Item | undefined): Record<string, null | 0> {
  const blank = kind === 'sanction' ? 0 : null;
  const names = item === undefined ? [] : BEARS[kind].filter((name) => item[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, blank]));
}
