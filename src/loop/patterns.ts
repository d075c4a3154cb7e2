/**
 * Analyze: patterns in what was seen lately. Pure: each detector looks at the violations that have one thing in common
 * (a node, a metric, a cause) and says what it finds in them. Both ends of a window count, as with a case's attempts.
 *
 * | pattern   | of        | found when                                                        | confidence |
 * |-----------|-----------|-------------------------------------------------------------------|------------|
 * | burst     | a node    | 3 violations within 60 s                                          | 0.85       |
 * | spatial   | a node    | 3 cases within 5 minutes                                          | 0.80       |
 * | spatial   | a metric  | 3 sources within 60 s                                             | 0.80       |
 * | frequency | a node    | more than 8 violations within 5 minutes                           | 0.70       |
 * | causal    | a cause   | 3 violations within 60 s on more than one node, by one principal or in one trace | 0.75 |
 */
import type { Seen } from './seen.ts';

export const PATTERNS = ['burst', 'spatial', 'frequency', 'causal'] as const;
export type PatternName = (typeof PATTERNS)[number];

/** What the violations have in common that a detector looks at together. */
export const COMMON = ['node', 'metric', 'cause'] as const;
export type Common = (typeof COMMON)[number];

export interface PatternFound {
  readonly pattern: PatternName;
  readonly common: Common;
  /** The node, the metric, or the principal's pseudonym or trace. */
  readonly of: string;
  readonly confidence: number;
  /** Oldest first. */
  readonly evidence: readonly Seen[];
}

const MINUTE_MS = 60_000;
/** Nothing older is looked at. */
export const HORIZON_MS = 5 * MINUTE_MS;
/** More than so many of one thing tell nothing that these do not. */
export const MOST_OF_ONE = 9;

type Detector = (recent: readonly Seen[], now: number) => readonly Seen[] | undefined;

const within = (all: readonly Seen[], now: number, ms: number): Seen[] =>
  all.filter(({ at }) => now - at <= ms);
const count = (all: readonly Seen[], by: (seen: Seen) => string): number => new Set(all.map(by)).size;

/** One reporter's word counts once, however often it is given; what the system saw counts each time. */
export const voice = ({ reporter, record }: Seen): string => reporter || record;

const burst: Detector = (recent, now) => {
  const lately = within(recent, now, MINUTE_MS);
  return count(lately, voice) >= 3 ? lately : undefined;
};

const frequency: Detector = (recent, now) => {
  const lately = within(recent, now, HORIZON_MS);
  return count(lately, voice) > 8 ? lately : undefined;
};

const gathering: Detector = (recent, now) => {
  const lately = within(recent, now, HORIZON_MS);
  return count(lately, ({ case_id }) => case_id) >= 3 && count(lately, voice) >= 3 ? lately : undefined;
};

const crowd: Detector = (recent, now) => {
  const lately = within(recent, now, MINUTE_MS);
  return count(lately, ({ node }) => node) >= 3 ? lately : undefined;
};

const causal: Detector = (recent, now) => {
  const lately = within(recent, now, MINUTE_MS);
  return count(lately, voice) >= 3 && count(lately, ({ node }) => node) > 1 ? lately : undefined;
};

const DETECTORS: Readonly<
  Record<
    Common,
    readonly { readonly pattern: PatternName; readonly confidence: number; readonly find: Detector }[]
  >
> = {
  node: [
    { pattern: 'burst', confidence: 0.85, find: burst },
    { pattern: 'spatial', confidence: 0.8, find: gathering },
    { pattern: 'frequency', confidence: 0.7, find: frequency },
  ],
  metric: [{ pattern: 'spatial', confidence: 0.8, find: crowd }],
  cause: [{ pattern: 'causal', confidence: 0.75, find: causal }],
};

/** @param recent violations that have `of` in common, oldest first */
export function findingsIn(common: Common, of: string, recent: readonly Seen[], now: number): PatternFound[] {
  return DETECTORS[common].flatMap(({ pattern, confidence, find }) => {
    const evidence = find(recent, now);
    return evidence === undefined ? [] : [{ pattern, common, of, confidence, evidence }];
  });
}
