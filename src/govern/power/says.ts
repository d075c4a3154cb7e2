/** Whether an item says what it must, and what it says instead. Pure. */
import { stateOf } from '../../decision/emergency.ts';
import type { Attributes, Item, Value } from '../../ports.ts';
import { AT_LEAST, BEARS, type Power, type PowerKind, SHARED } from './powers.ts';

export type Odd = 'inserted' | 'changed' | 'removed';

/** What is wrong with an item, given what records say of it; undefined when nothing is. */
export function oddness(kind: PowerKind, item: Item | undefined, power: Power | undefined): Odd | undefined {
  if (power === undefined) return item !== undefined && gives(kind, item) ? 'inserted' : undefined;
  if (item === undefined && power.rest?.passed === true) return undefined;
  if (item === undefined)
    return gives(kind, { pk: power.pk, sk: power.sk, ...power.must }) ? 'removed' : undefined;
  if (power.rest?.passed === true && !gives(kind, item)) return undefined;
  return agrees(kind, item, power.must) ? undefined : 'changed';
}

/** Far longer than an approval's step takes from its record to its item. */
const STEP_MS = 2_000;

/** The item as it must be: what gives power by the records, everything else as it lies in the store. */
export function corrected(
  kind: PowerKind,
  item: Item | undefined,
  power: Power | undefined,
  now: number,
): Item | undefined {
  if (oddness(kind, item, power) === undefined) return item;
  if (kind === 'emergency' && isUnrecordedStop(item)) return heldStop(item, power);
  // A sanction that no record knows denies until it is taken back: in doubt nothing is let through.
  if (kind === 'sanction' && item !== undefined) return { ...item, ...power?.must };
  if (power === undefined) {
    return item === undefined || !SHARED.has(kind) ? undefined : without(item, kind);
  }
  const { pk, sk, must, rest = {} } = power;
  if (kind === 'approval') {
    // Only the store has the whole of it: it is there as it was recorded, or as just before, or not at all.
    const fresh = item?.record === rest.before && now - Number(rest.at) < STEP_MS;
    return fresh ? item : undefined;
  }
  return { ...(item === undefined ? { version: 1, ...rest } : without(item, kind)), ...must, pk, sk };
}

/** Stopping comes before its record, so that it works while the ledger does not: it denies, and no more. */
export const isUnrecordedStop = (item: Item | undefined): item is Item =>
  item !== undefined && stateOf(item).state === 'stopped' && blank(item.record) === undefined;

/**
 * What an unrecorded stop amounts to: it holds, whoever wrote it. It cannot shorten a stop that is on record, and voices
 * for its release count only when a record brought them.
 */
export function heldStop(item: Item, power: Power | undefined): Item {
  const { must = {} } = power ?? {};
  const recorded = must.stopped === true && typeof must.until === 'number' ? must.until : undefined;
  if (recorded !== undefined && Number(item.until) <= recorded) return { ...item, ...must };
  const voices = Array.isArray(item.releases) ? item.releases.length : 0;
  const since = recorded === undefined ? item.since : must.since;
  return voices === 0 && since === item.since ? item : { ...item, since: since ?? null, releases: [] };
}

/** Kinds that there were before their items named a record. Of any other, one that names none was tampered with. */
const OLDER: ReadonlySet<PowerKind> = new Set([
  'charter_in_force',
  'charter_votes',
  'emergency',
  'approval',
  'revocation',
  'hold',
]);

/** An item of an earlier edition, which named no record, and otherwise agrees. */
export function isOfOldEdition(kind: PowerKind, item: Item | undefined, power: Power | undefined): boolean {
  if (!OLDER.has(kind)) return false;
  const [first = ''] = BEARS[kind];
  // Of a stop, what is left out must not hide that something else was changed.
  if (kind === 'emergency' && item !== undefined && power !== undefined)
    return blank(item.record) === undefined && agrees(kind, { ...item, record: power.record }, power.must);
  if (item === undefined || power === undefined || blank(item.record) !== undefined) return false;
  return (
    BEARS[kind].includes('record') && (first === 'record' || same(first, item[first], power.must[first]))
  );
}

function gives(kind: PowerKind, item: Item): boolean {
  if (kind === 'capability_use' || kind === 'charter_bundle') return true;
  if (!SHARED.has(kind)) return true;
  return kind === 'emergency' ? item.stopped !== undefined && item.stopped !== null : !agrees(kind, item, {});
}

function agrees(kind: PowerKind, item: Item, must: Attributes): boolean {
  // Once it is over, how long it was to last gives nothing.
  const names =
    kind === 'emergency' ? (must.stopped === true ? Object.keys(must) : ['stopped', 'record']) : BEARS[kind];
  return names.every((name) => same(name, item[name], must[name]));
}

/** @param other what it must be */
function same(name: string, one: Value | undefined, other: Value | undefined): boolean {
  if (AT_LEAST.has(name)) return Number(one ?? 0) >= Number(other ?? 0);
  const [a, b] = [blank(one), blank(other)].map((value) => canonical(name, value));
  return a === b;
}

/** Absent, null, and the zero of a lifted sanction are one. */
const blank = (value: Value | undefined): Value | undefined =>
  value === null || value === 0 ? undefined : value;

/** Lists are compared as sets where each member names its record: two who came at once are in either order. */
function canonical(name: string, value: Value | undefined): string {
  if (value === undefined) return '';
  if (Array.isArray(value) && (name === 'votes' || name === 'releases'))
    return value.map(sorted).sort().join('\n');
  return sorted(value);
}

function sorted(value: Value | undefined): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${name}:${sorted(member)}`)
    .join()}}`;
}

function without(item: Item, kind: PowerKind): Item {
  const names = new Set(BEARS[kind]);
  const kept = Object.entries(item).filter(([name]) => !names.has(name));
  return { ...Object.fromEntries(kept), pk: item.pk, sk: item.sk };
}
