import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLookout, PATTERNS, type SuspicionPattern, Suspicions } from '../../src/identity/suspicion.ts';
import type { Ledger, NewRecord } from '../../src/ledger/record.ts';
import { person } from '../support/person.ts';
import { NOW } from './issuer.ts';

const patterns = Object.keys(PATTERNS) as SuspicionPattern[];

describe.each(patterns)('%s', (pattern) => {
  const { count, window_ms } = PATTERNS[pattern];

  it('is told when its count is reached within its window, and once', () => {
    const suspicions = new Suspicions();
    for (let i = 1; i < count; i++) expect(suspicions.note(pattern, 'key', `${i}`, NOW + i)).toBeUndefined();
    expect(suspicions.note(pattern, 'key', 'last', NOW + window_ms - 1)).toEqual({
      pattern,
      key: 'key',
      count,
      window_seconds: window_ms / 1000,
    });
    expect(suspicions.note(pattern, 'key', 'more', NOW + window_ms - 1)).toBeUndefined();
  });

  it('is not told one beyond the window, and anew in the next', () => {
    const suspicions = new Suspicions();
    for (let i = 1; i < count; i++) suspicions.note(pattern, 'key', `${i}`, NOW);
    expect(suspicions.note(pattern, 'key', 'late', NOW + window_ms)).toBeUndefined();
    for (let i = 2; i < count; i++)
      expect(suspicions.note(pattern, 'key', `${i}`, NOW + window_ms)).toBeUndefined();
    expect(suspicions.note(pattern, 'key', 'last', NOW + window_ms)).toMatchObject({ pattern });
  });

  it('counts one thing once, and each key by itself', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(60)), { maxLength: 300 }), (events) => {
        const suspicions = new Suspicions();
        const things = new Map<number, Set<number>>();
        for (const [key, thing] of events) {
          const seen = things.get(key) ?? new Set();
          const completes = !seen.has(thing) && seen.size === count - 1;
          things.set(key, seen.add(thing));
          const told = suspicions.note(pattern, `k${key}`, `t${thing}`, NOW) !== undefined;
          expect(told).toBe(completes);
        }
      }),
    );
  });
});

describe('memory', () => {
  it('is bounded: of ten thousand others the one that was quiet longest is let go', () => {
    const suspicions = new Suspicions();
    const { count } = PATTERNS.scope_probing;
    for (let i = 1; i < count; i++) suspicions.note('scope_probing', 'quiet', `${i}`, NOW);
    for (let i = 0; i < 10_000; i++) suspicions.note('scope_probing', `other-${i}`, 'x', NOW);
    expect(suspicions.note('scope_probing', 'quiet', 'last', NOW)).toBeUndefined();
    for (let i = 1; i < count; i++) suspicions.note('scope_probing', 'busy', `${i}`, NOW);
    expect(suspicions.note('scope_probing', 'busy', 'last', NOW)).toMatchObject({ key: 'busy' });
  });
});

describe('the lookout', () => {
  function setUp() {
    const state = { now: NOW, records: [] as NewRecord[], failing: false };
    const ledger: Ledger = {
      async append(record) {
        if (state.failing) throw new Error('away');
        state.records.push(record);
        return {
          ...{ id: '1.1', lane: 1, seq: 1, record_hash: '', signature: '', certificate_hash: '', time: '' },
          max_merge_delay_seconds: 2,
        };
      },
    };
    return { state, lookout: createLookout({ clock: () => state.now, ledger }) };
  }

  it('records each pattern with the key sealed, not in the open', async () => {
    const { state, lookout } = setUp();
    for (let i = 0; i < 100; i++) lookout.refused('203.0.113.9');
    for (const scope of ['a:read', 'b:read', 'c:read', 'd:read'])
      lookout.scopeDenied(person('mallory'), scope);
    for (const address of ['1', '2', '3', '4']) lookout.seen({ issuer: 'idp', id: 'session-1' }, address);
    await lookout.flush();
    expect(state.records.map(({ type, who, labels }) => [type, who, labels?.pattern])).toEqual([
      ['security.brute_force_attempt', person('203.0.113.9', 'urn:chancery:observed:address'), 'brute_force'],
      ['security.suspicious_activity', person('mallory'), 'scope_probing'],
      [
        'security.suspicious_activity',
        person('session-1', 'urn:chancery:observed:session idp'),
        'session_sharing',
      ],
    ]);
    expect(JSON.stringify(state.records.map(({ data }) => data))).not.toMatch(/203|mallory|session-1/);
  });

  it('loses nothing while the ledger cannot be written', async () => {
    const { state, lookout } = setUp();
    for (let i = 0; i < 30; i++) lookout.refused('203.0.113.9');
    state.failing = true;
    await expect(lookout.flush()).rejects.toThrow('away');
    state.failing = false;
    await lookout.flush();
    await lookout.flush();
    expect(state.records).toHaveLength(1);
  });

  it('takes no notice of what has no address', async () => {
    const { state, lookout } = setUp();
    for (let i = 0; i < 100; i++) {
      lookout.refused(undefined);
      lookout.seen({ issuer: 'idp', id: 'session-1' }, undefined);
    }
    await lookout.flush();
    expect(state.records).toEqual([]);
  });
});
