/** A day of quiet traffic raises no alarm; each incident that is put into it is found. Both are seeded. */
import { expect, it } from 'vitest';
import { Memory } from '../../src/loop/memory.ts';
import { needOfPattern } from '../../src/loop/plan.ts';
import type { Seen } from '../../src/loop/seen.ts';
import { seen } from './world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NODES = 50;
const METRICS = ['user_location', 'user_identity', 'browsing_history', 'device_hardware_id'];

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Honest mistakes: a node now and then asks for a metric that it may not have, about four times an hour in all. */
function quietDay(seed: number): Seen[] {
  const random = randomOf(seed);
  const attempts: Seen[] = [];
  for (let at = 0; at < DAY; at += -Math.log(1 - random()) * (HOUR / 4)) {
    const node = `node-${Math.floor(random() * NODES)}`;
    const metric = METRICS[Math.floor(random() * METRICS.length)] ?? 'user_location';
    attempts.push(
      seen({
        at,
        node,
        metric,
        accused: `of ${node}`,
        case_id: `vio_${node}_${metric}_${Math.floor(at / HOUR)}`,
        severity: 'WARNING',
      }),
    );
  }
  return attempts;
}

function alarms(traffic: readonly Seen[]) {
  const memory = new Memory();
  const inOrder = [...traffic].sort((one, other) => one.at - other.at);
  return inOrder.flatMap((each) => {
    memory.note(each);
    const found = memory.analyze(each.at);
    memory.prune(each.at);
    return found.map((finding) => ({ ...finding, at: each.at }));
  });
}

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

it('raises no alarm in twenty days of quiet traffic', () => {
  const days = SEEDS.map((seed) => quietDay(seed));
  const attempts = days.reduce((sum, day) => sum + day.length, 0);
  expect(attempts).toBeGreaterThan(20 * 24 * 3);
  expect(days.map((day) => alarms(day).length)).toEqual(SEEDS.map(() => 0));
});

const at = (start: number, many: number, gap: number, make: (index: number) => Partial<Seen>): Seen[] =>
  Array.from({ length: many }, (_, index) =>
    seen({ at: start + index * gap, severity: 'WARNING', ...make(index) }),
  );

/** What an attacker does, and the pattern that must see it. */
const INCIDENTS: readonly [string, (start: number) => Seen[], string][] = [
  [
    'one source, three times in a minute',
    (start) => at(start, 3, 15_000, () => ({ node: 'evil', case_id: 'vio_e', accused: 'of evil' })),
    'burst',
  ],
  [
    'one source, slowly, for five minutes',
    (start) => at(start, 9, 35_000, () => ({ node: 'slow', case_id: 'vio_s', accused: 'of slow' })),
    'frequency',
  ],
  [
    'one source after three metrics',
    (start) => at(start, 3, 90_000, (n) => ({ node: 'wide', case_id: `vio_w${n}`, accused: 'of wide' })),
    'spatial',
  ],
  [
    'three sources after one metric',
    (start) =>
      at(start, 3, 20_000, (n) => ({
        node: `gang-${n}`,
        metric: 'user_identity',
        case_id: `vio_g${n}`,
        accused: `of gang-${n}`,
      })),
    'spatial',
  ],
  [
    'one principal behind three nodes',
    (start) =>
      at(start, 3, 20_000, (n) => ({
        node: `mask-${n}`,
        metric: METRICS[n] ?? '',
        case_id: `vio_m${n}`,
        accused: 'puppeteer',
      })),
    'causal',
  ],
];

it.each(INCIDENTS)('finds %s in each of twenty quiet days', (_, incident, pattern) => {
  const found = SEEDS.map((seed) => {
    const start = Math.floor(randomOf(seed * 7_919)() * (DAY - HOUR));
    const inside = incident(start);
    const ids = new Set(inside.map(({ record }) => record));
    return alarms([...quietDay(seed), ...inside]).some(
      (alarm) =>
        alarm.pattern === pattern && alarm.evidence.filter(({ record }) => ids.has(record)).length >= 3,
    );
  });
  expect(found).toEqual(SEEDS.map(() => true));
});

it('asks for the committee where no single case shows it', () => {
  const memory = new Memory();
  for (const each of at(0, 3, 1_000, (n) => ({
    node: `gang-${n}`,
    metric: 'user_identity',
    case_id: `vio_g${n}`,
  })))
    memory.note(each);
  const found = memory.analyze(3_000).filter(({ common }) => common === 'metric');
  expect(needOfPattern(found)?.nodes).toEqual(['gang-0', 'gang-1', 'gang-2']);
});

it('keeps a bounded memory, whatever comes', () => {
  const memory = new Memory();
  for (let n = 0; n < 20_000; n += 1)
    memory.note(
      seen({ at: n, node: `node-${n}`, metric: `metric_${n}`, accused: `p${n}`, case_id: `vio_${n}` }),
    );
  expect(memory.size).toBeLessThanOrEqual(3_000);
  memory.prune(20_000 + 5 * 60_000 + 1);
  expect(memory.size).toBe(0);
});
