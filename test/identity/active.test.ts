import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activeSessions } from '../../src/identity/active.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { NOW } from './issuer.ts';

function record(
  session_id: string | undefined,
  ago_ms: number,
  data: LedgerRecord['data'] = {},
): LedgerRecord {
  return {
    v: 1,
    ...{ lane: 1, seq: 1, prev: '', type: 'decision.made', trace: '' },
    time: new Date(NOW - ago_ms).toISOString(),
    subject: 'p1',
    ...(session_id === undefined ? {} : { meta: { session_id } }),
    data,
  };
}

describe('the active sessions', () => {
  it('are those with a record in the last 15 minutes, most recent first', () => {
    const records = [
      record('old', 900_001),
      record('edge', 900_000),
      record('new', 1000, { outcome: 'deny' }),
      record('new', 5000, { outcome: 'allow' }),
      record('new', 3000, { outcome: 'rejected' }),
      record(undefined, 0),
    ];
    const times = (first: number, last: number) => ({
      first_seen: new Date(NOW - first).toISOString(),
      last_seen: new Date(NOW - last).toISOString(),
    });
    expect(activeSessions(records, NOW)).toEqual([
      { session_id: 'new', issuer: null, subject: 'p1', ...times(5000, 1000), records: 3, refused: 2 },
      { session_id: 'edge', issuer: null, subject: 'p1', ...times(900_000, 900_000), records: 1, refused: 0 },
    ]);
  });

  it('are the same in whatever order the records come', () => {
    const events = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(1_000_000)), {
      selector: ([, ago]) => ago,
    });
    fc.assert(
      fc.property(events, fc.infiniteStream(fc.nat()), (list, order) => {
        const records = list.map(([session, ago]) => record(session, ago));
        const shuffled = records
          .map((each) => ({ each, at: Number(order.next().value) }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each);
        expect(activeSessions(shuffled, NOW)).toEqual(activeSessions(records, NOW));
      }),
    );
  });
});
