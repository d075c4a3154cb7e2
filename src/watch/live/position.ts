/** How far a feed is in the ledger, as text: the cursor that a client keeps. It is good for one ledger only. */
import { hash } from 'node:crypto';
import type { LedgerPosition } from '../../ledger/places/reading-on.ts';

/** `{ledger}.{last}.{lane}-{next}_{lane}-{next}…`, numbers in base 36: safe in a URL, and no secret. */
const CURSOR = /^([0-9a-f]{8})\.([0-9a-z]{1,6})\.((?:[0-9a-z]{1,6}-[0-9a-z]{1,7}(?:_(?!$)|$))*)$/;
/** Far more than a request line may hold. */
const MAX_CURSOR = 12_000;
const MOST_LANE = 99_999_999;
const MOST_SEQ = 9_999_999_999;

/** @param origin the name of the log that the ledger is sealed into */
export function formatCursor({ last, next }: LedgerPosition, origin: string): string {
  const lanes = [...next].map(([lane, seq]) => `${lane.toString(36)}-${seq.toString(36)}`).join('_');
  return `${ledgerTag(origin)}.${last.toString(36)}.${lanes}`;
}

/** The position, or in words why it is none. */
export function parseCursor(cursor: string, origin: string): LedgerPosition | string {
  const match = cursor.length > MAX_CURSOR ? null : CURSOR.exec(cursor);
  if (match === null) return 'it is not a cursor of a feed';
  const [, tag = '', highest = '', lanes = ''] = match;
  if (tag !== ledgerTag(origin)) return 'it is a cursor of another ledger';
  const last = Number.parseInt(highest, 36);
  const pairs = lanes === '' ? [] : lanes.split('_').map((pair) => pair.split('-').map(numberOf));
  const next = new Map(pairs.map(([lane = 0, seq = 0]) => [lane, seq]));
  const numbers = [...next].every(([lane, seq]) => lane >= 1 && lane <= last && seq <= MOST_SEQ);
  if (last > MOST_LANE || !numbers || next.size !== pairs.length) return 'it is not a cursor of a feed';
  return { last, next };
}

export const samePlace = (one: LedgerPosition, other: LedgerPosition): boolean =>
  one.last === other.last &&
  one.next.size === other.next.size &&
  [...one.next].every(([lane, seq]) => other.next.get(lane) === seq);

const numberOf = (text: string): number => Number.parseInt(text, 36);

const ledgerTag = (origin: string): string => hash('sha256', origin, 'hex').slice(0, 8);
