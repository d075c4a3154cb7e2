/** A record's bytes are made in two parts, what it says and where it stands: together they are its canonical form. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_RECORD_BYTES, recordBytes } from '../../src/ledger/bytes.ts';
import { bytesAt, type Content, type Place, prepare } from '../../src/ledger/lane/content.ts';

const text = fc.string({ unit: 'grapheme' });
const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const object = fc.dictionary(text, fc.jsonValue({ noUnicodeString: false }));

/** Every member that a content may have: one that is new has to be named here. */
const members: { [name in keyof Required<Content>]: fc.Arbitrary<Required<Content>[name]> } = {
  type: text,
  trace: hex(32),
  data: object as fc.Arbitrary<Content['data']>,
  after: hex(64),
  subject: hex(64),
  meta: fc.record({ request_id: text, session_id: text, charter: hex(64) }, { requiredKeys: [] }),
  labels: fc.dictionary(text, text),
  personal: fc.record({ key: text, nonce: text, box: text }),
};
const content: fc.Arbitrary<Content> = fc.record(members, { requiredKeys: ['type', 'trace', 'data'] });
const place: fc.Arbitrary<Place> = fc.record({
  v: fc.constantFrom(1, 2),
  lane: fc.nat(),
  seq: fc.nat(),
  prev: hex(64),
  time: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
});

test('what is said and its place together are the canonical bytes of the record', () => {
  fc.assert(
    fc.property(content, place, (said, at) => {
      expect(bytesAt(prepare(said), at)).toEqual(recordBytes({ ...at, ...said }));
    }),
    { numRuns: 1_000 },
  );
});

test('what has no canonical form is refused where it is said, and what is too large at its place', () => {
  const said = (note: unknown): Content =>
    ({ type: 'admin.access', trace: '0'.repeat(32), data: { note } }) as Content;
  const at: Place = { v: 1, lane: 1, seq: 0, prev: '0'.repeat(64), time: '2026-01-01T00:00:00.000Z' };
  for (const note of [Number.NaN, '\ud800', 1n])
    expect(() => prepare(said(note))).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }));
  const room = MAX_RECORD_BYTES - bytesAt(prepare(said('')), at).length;
  expect(bytesAt(prepare(said('x'.repeat(room))), at)).toHaveLength(MAX_RECORD_BYTES);
  expect(() => bytesAt(prepare(said('x'.repeat(room + 1))), at)).toThrow(
    expect.objectContaining({ code: 'RECORD_TOO_LARGE' }),
  );
});
