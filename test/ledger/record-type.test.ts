/** The type of a record, out of its bytes: what a caller wrote into it never passes for the record's own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordBytes, typeOfBytes } from '../../src/ledger/bytes.ts';

const place = {
  lane: 1,
  seq: 0,
  prev: '',
  time: '2026-11-29T10:00:00.000Z',
  trace: '0'.repeat(32),
} as const;

describe('the type of a record without parsing it', () => {
  it('is that of the record, whatever its data say', () => {
    const data = fc.dictionary(
      fc.constantFrom('a', 'type', 'v', 'z"type":"x.y","v":1}', 'z"type":"x.y","v":2}'),
      fc.oneof(
        fc.constantFrom('"type":"approval.requested","v":1}', '\\"type\\":\\"'),
        fc.string(),
        fc.nat(),
      ),
    );
    const version = fc.constantFrom(1 as const, 2 as const);
    const type = fc.constantFrom('metric.blocked', 'ledger.lane_closed', 'tool.of_an_application');
    fc.assert(
      fc.property(version, type, data, (v, own, said) => {
        expect(typeOfBytes(recordBytes({ ...place, v, type: own, data: said }))).toBe(own);
      }),
      { numRuns: 60 },
    );
  });

  it.each(['', '{}', '{"type":"metric.blocked"}', '{"type":"metric.blocked","v":1} ', '{"type":"","v":1}'])(
    'is not known of what does not end as a record does: %j',
    (text) => {
      expect(typeOfBytes(new TextEncoder().encode(text))).toBeUndefined();
    },
  );
});
