/**
 * A mission: an aim that is declared once for the calls that follow from it, bounded in time, tools and count. It grants nothing; it is
 * what a call of a sensitive tool is for. Pure: what of its item follows from records, so that whoever can write to the table neither
 * opens one again that has ended nor gives it more calls.
 */
import type { Attributes, Item } from '../ports.ts';

/** @param owner pseudonym of whoever registered them */
export const missionsOf = (owner: string): string => `${MISSIONS}${owner}`;
export const MISSIONS = 'MISSIONS#';

/** The record that bounds it, how many calls were made for it, and the record that ended it. */
export const MISSION_BEARS = ['record', 'calls', 'ended'] as const;

/** When the store may forget it, in milliseconds: a day after its end, for who looks what became of it. */
export const keptUntil = (expires_at: number): number => expires_at + 86_400_000;

/** A call is taken before its decision is recorded: an item may count more than the records do, never fewer. */
export const usesOf = (item: Item | undefined): number => Number(item?.calls ?? 0);

export const isOver = ({ ended }: Attributes): boolean => typeof ended === 'string';
