/** The browser's verification, run here: held to the vectors that other verifiers are held to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Bytes, concat, fromBase64, hex, utf8 } from '../../client/verify/bytes.ts';
import { laneKey } from '../../client/verify/certificate.ts';
import { openCheckpoint } from '../../client/verify/note.ts';
import { parseProof } from '../../client/verify/proof.ts';
import { extendsTree, isIncluded, leafHash } from '../../client/verify/tree.ts';
import { formatProof, parseProof as parsedByTheLedger } from '../../src/ledger/check/proof.ts';
import { PROJECT } from '../runtime/support.ts';

const vectors = JSON.parse(readFileSync(join(PROJECT, 'test/verifier/vectors.json'), 'utf8'));
const bytes = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'hex'));
const base64 = (text: string): Bytes => fromBase64(text) ?? new Uint8Array();

it('names each record by the published hash', async () => {
  for (const { bytes: b, signature, hash } of vectors.records)
    expect(hex(await leafHash(concat(bytes(b), base64(signature))))).toBe(hash);
});

it('finds the key of each lane by its certificate, and none for another lane or by another authority', async () => {
  const firsts = vectors.records.filter((each: { record: { seq: number } }) => each.record.seq === 0);
  expect(firsts.length).toBeGreaterThan(0);
  for (const { bytes: b, record, key } of firsts) {
    const vouched = await laneKey(bytes(b), record.lane, vectors.trust);
    expect(vouched).toEqual({ ok: true, key: base64(key) });
    expect((await laneKey(bytes(b), record.lane + 1, vectors.trust)).ok).toBe(false);
    const stranger = [{ public_key: key, from_lane: 1 }];
    expect((await laneKey(bytes(b), record.lane, { ...vectors.trust, authorities: stranger })).ok).toBe(
      false,
    );
    const later = vectors.trust.authorities.map((each: object) => ({ ...each, from_lane: 99 }));
    expect((await laneKey(bytes(b), record.lane, { ...vectors.trust, authorities: later })).ok).toBe(false);
  }
});

describe('a checkpoint', () => {
  it('opens to its size when a trusted log key signed it', async () => {
    for (const { note, size } of vectors.checkpoints)
      expect(await openCheckpoint(note, vectors.trust)).toMatchObject({ ok: true, head: { size } });
  });

  it('is refused with another size, of another log, and without a signature that is trusted', async () => {
    const [{ note, size }] = vectors.checkpoints;
    expect((await openCheckpoint(note.replace(`\n${size}\n`, `\n${size + 1}\n`), vectors.trust)).ok).toBe(
      false,
    );
    expect((await openCheckpoint(note, { ...vectors.trust, origin: 'elsewhere' })).ok).toBe(false);
    expect((await openCheckpoint(note, { ...vectors.trust, log_keys: [] })).ok).toBe(false);
    expect((await openCheckpoint(note.split('\n\n')[0], vectors.trust)).ok).toBe(false);
  });
});

it('agrees with every published inclusion proof', async () => {
  for (const { index, size, leaf, path, root, holds } of vectors.inclusions)
    expect(await isIncluded(bytes(leaf), { index, size, path: path.map(bytes), root: bytes(root) })).toBe(
      holds,
    );
});

it('agrees with every published consistency proof', async () => {
  for (const { old, size, old_root, path, root, holds } of vectors.consistencies) {
    const [before, now] = [
      { size: old, root: bytes(old_root) },
      { size, root: bytes(root) },
    ];
    expect(await extendsTree(before, now, path.map(bytes))).toBe(holds);
  }
});

it('reads a proof as the ledger does, and nothing that is none', () => {
  const text = formatProof({
    index: 7,
    entry: new Uint8Array(100).fill(1),
    path: [new Uint8Array(32).fill(2)],
    checkpoint: vectors.checkpoints[0].note,
  });
  expect(parseProof(text)).toEqual(parsedByTheLedger(text));
  for (const wrong of [
    '',
    text.replace('v1', 'v2'),
    text.replace('index 7', 'index 07'),
    text.replace('extra ', 'extra !'),
  ])
    expect(parseProof(wrong)).toBeUndefined();
  expect(utf8('é')).toEqual(Uint8Array.of(0xc3, 0xa9));
});
