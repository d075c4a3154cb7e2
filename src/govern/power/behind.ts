/**
 * Which lanes hold the records that what is in force names. They stay in the store however old they are: a charter, a
 * sanction or a hold whose record was pruned would be nobody's word, and so be denied.
 */
import { parseEntryId } from '../../ledger/entry.ts';
import type { Value } from '../../ports.ts';
import type { Power } from './powers.ts';

/** Attributes that name a record. */
const NAMES_ONE = /record$|^confirmed$/;

export function lanesBehind(powers: Iterable<Power>): Set<number> {
  const lanes = new Set<number>();
  const see = (name: string, value: Value | undefined): void => {
    if (typeof value === 'string' && NAMES_ONE.test(name)) {
      const place = parseEntryId(value);
      if (place !== undefined) lanes.add(place.lane);
    } else if (Array.isArray(value)) {
      for (const each of value) see(name, each);
    } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
      for (const [inner, each] of Object.entries(value)) see(inner, each);
    }
  };
  for (const { record, must } of powers) {
    see('record', record);
    see('must', must);
  }
  return lanes;
}
