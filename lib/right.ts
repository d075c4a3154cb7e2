/** The rights that a function may have, in words; lib/rights.ts says what each means on AWS. */
import { STATE, type StatePart } from './state.ts';

const PLAIN = [
  'append to the ledger',
  'record people',
  'read the ledger',
  'read state',
  'open personal fields',
  'erase subjects',
  'store documents',
  'read the log',
  'publish the log',
  'have checkpoints signed',
  'sign checkpoints',
  'witness checkpoints',
  'sign capabilities',
  'start workflows',
  'read executions',
  'call out',
  'consume the stream',
  'hear of changed state',
  'wake the loop and the notifier',
  'wake the broadcaster',
  'see who listens',
  'speak to listeners',
  'leave dead letters',
  'read what AWS publishes',
] as const;

export type PlainRight = (typeof PLAIN)[number];
/** `keep alerts`: reads and writes that part of the working state, and no other. */
export type KeepRight = `keep ${StatePart}`;
export type Right = PlainRight | KeepRight;

export const isKeeping = (right: Right): right is KeepRight => right.startsWith('keep ');

/** The partitions of the state table that a right is to. */
export function partitionsOf(right: KeepRight): readonly string[] {
  const found = Object.entries(STATE).find(([part]) => right === `keep ${part}`);
  if (found === undefined) throw new RangeError(`no part of the state: ${right}`);
  return found[1];
}
