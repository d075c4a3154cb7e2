import { describe, expect, it } from 'vitest';
import { Cache } from '../src/basics/cache.ts';
import { createMeter } from '../src/watch/metrics/meter.ts';

function small(settings: { most?: number; max_age_ms?: number } = {}) {
  const time = { now: 0 };
  const meter = createMeter(() => time.now);
  const cache = new Cache<string>({
    name: 'test',
    most: 2,
    bytesOf: (key, value) => key.length + value.length,
    clock: () => time.now,
    meter,
    ...settings,
  });
  /** What the meter was told since the last look: evictions by reason, and the gauges. */
  const told = () => {
    const { counts, set } = meter.drain();
    const gauge = (name: string) => set.find(([metric]) => metric === name)?.[2];
    return {
      evicted: Object.fromEntries(counts.map(([, labels, by]) => [labels[1], by])),
      items: gauge('cache_items'),
      bytes: gauge('cache_size_bytes'),
    };
  };
  return { time, cache, told };
}

describe('a cache', () => {
  it('gives back what it holds, and says how much that is', () => {
    const { cache, told } = small();
    cache.set('a', '12345');
    expect(cache.get('a')).toBe('12345');
    expect(cache.get('b')).toBeUndefined();
    expect(told()).toEqual({ evicted: {}, items: 1, bytes: 6 });
  });

  it('replaces a value without counting it as evicted', () => {
    const { cache, told } = small();
    cache.set('a', '12345');
    cache.set('a', '1');
    expect(told()).toEqual({ evicted: {}, items: 1, bytes: 2 });
  });

  it('lets the oldest go when it is full', () => {
    const { cache, told } = small();
    for (const key of ['a', 'b', 'c']) cache.set(key, '1');
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, '1', '1']);
    expect(told()).toEqual({ evicted: { capacity: 1 }, items: 2, bytes: 4 });
  });

  it('forgets what is too old, when it is asked for and when something new comes', () => {
    const { cache, time, told } = small({ most: 10, max_age_ms: 5_000 });
    cache.set('a', '1');
    cache.set('b', '1');
    time.now = 4_999;
    expect(cache.get('a')).toBe('1');
    time.now = 5_000;
    expect(cache.get('a')).toBeUndefined();
    cache.set('c', '1');
    expect(told()).toEqual({ evicted: { expired: 2 }, items: 1, bytes: 2 });
  });

  it('counts what is taken from it as invalidated', () => {
    const { cache, told } = small();
    cache.set('a', '1');
    cache.set('b', '1');
    cache.invalidate('a');
    cache.invalidate('nothing');
    cache.clear();
    expect(told()).toEqual({ evicted: { invalidated: 2 }, items: 0, bytes: 0 });
  });

  it('holds nothing when it may hold nothing', () => {
    const { cache } = small({ most: 0 });
    cache.set('a', '1');
    expect(cache.get('a')).toBeUndefined();
  });
});
