/**
 * In which order members are written (RFC 8785, section 3.2.3). Most objects have the names of one before, in the same
 * order: to see that they are the same takes a fifth of the time that sorting takes.
 */
import { Recent } from './recent.ts';

/** What has more members or longer names is sorted anew, and takes no memory. */
const MOST_NAMES = 32;
const LONGEST_NAME = 40;
/** Orders that are remembered under one last name: more would have to be looked through each time. */
const EACH = 4;

interface Known {
  readonly names: readonly string[];
  readonly order: readonly number[];
}

/** By the last name. */
const met = new Recent<Known[]>(200);
let turn = 0;

/** Places in `names`: first that of the name that is written first. By UTF-16 code units. */
export function memberOrder(names: readonly string[]): readonly number[] {
  const last = names.at(-1);
  if (last === undefined || names.length > MOST_NAMES) return sorted(names);
  const alike = met.get(last);
  if (alike !== undefined) for (const known of alike) if (areSame(known.names, names)) return known.order;
  const order = sorted(names);
  if (names.every(({ length }) => length <= LONGEST_NAME)) remember(last, { names, order });
  return order;
}

const sorted = (names: readonly string[]): number[] =>
  names
    .map((name, at) => ({ name, at }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ at }) => at);

function remember(last: string, known: Known): void {
  const alike = met.get(last) ?? met.keep(last, []);
  alike[alike.length < EACH ? alike.length : turn++ % EACH] = known;
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
