/** The browser's verification, run here: held to the vectors that other verifiers are held to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Bytes, concat, fromBase64, hex, utf8 } from '../../client/verify/bytes.ts';
import { laneKey } from '../../client/verify/certificate.ts';
import { verifyEntry } from '../../client/verify/entry.ts';
import { openCheckpoint } from '../../client/verify/note.ts';
import { verifyPromise } from '../../client/verify/promise.ts';
import { parseProof } from '../../client/verify/proof.ts';
import type { StepName, Verified, VerifySources } from '../../client/verify/sealed.ts';
import { isSignedBy, linkHash, signedOf } from '../../client/verify/signed.ts';
import { extendsTree, isIncluded, leafHash } from '../../client/verify/tree.ts';
import {
  formatProof,
  parseProof as parsedByTheLedger,
  proofHolds,
  proveEntry,
} from '../../src/ledger/check/proof.ts';
import { type Entry, readEntry } from '../../src/ledger/entry.ts';
import { testLog } from '../ledger/log-support.ts';
import { note } from '../ledger/support.ts';
import { PROJECT } from '../runtime/support.ts';

const vectors = JSON.parse(readFileSync(join(PROJECT, 'test/verifier/vectors.json'), 'utf8'));
const bytes = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'hex'));
const base64 = (text: string): Bytes => fromBase64(text) ?? new Uint8Array();

it('names each record by the published hash', async () => {
  for (const { bytes: b, signature, hash } of vectors.records)
    expect(hex(await leafHash(concat(bytes(b), base64(signature))))).toBe(hash);
});

it('takes the published records of a run for genuine, and nothing that only looks like one', async () => {
  for (const { what, bytes: b, signature, key, genuine, ...said } of vectors.runs) {
    const entry = concat(bytes(b), base64(signature));
    const signed = signedOf(entry);
    expect(await isSignedBy(base64(key), signed), what).toBe(genuine);
    if (!genuine) continue;
    expect([hex(signed.bytes), signed.signature], what).toEqual([b, base64(signature)]);
    expect(signed.run, what).toMatchObject({ size: said.size, index: said.index });
    expect([hex(await leafHash(entry)), hex(await linkHash(entry))], what).toEqual([said.hash, said.link]);
  }
});

describe('records that were written at once', () => {
  /** Two runs of a lane, sealed, and one record that nobody waited beside. */
  async function written() {
    const log = testLog();
    const lane = await log.lane();
    const append = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, at) => lane.append(note(`${at}`))));
    const receipts = [await append(12), await append(1), await append(3)].flat();
    await log.sealer().seal();
    const view = { log: log.log, table: log.table, trust: log.trustAll };
    const proofs = new Map<string, string>();
    for (const id of ['1.0', ...receipts.map((receipt) => receipt.id)]) {
      const proof = await proveEntry(view, id);
      if (proof === undefined || !proofHolds(proof, log.trustAll)) throw new Error(`${id} is not sealed`);
      proofs.set(id, formatProof(proof));
    }
    const sources: VerifySources = {
      proof: async (id) => proofs.get(id),
      consistency: async () => undefined,
    };
    const shown = async (id: string): Promise<Entry> => {
      const entry = await readEntry(log.table, id);
      if (entry === undefined) throw new Error(`${id} is not stored`);
      return entry;
    };
    return { trust: log.trustAll, receipts, sources, shown };
  }
  const said = ({ steps }: Verified, name: StepName) => steps.find((step) => step.name === name)?.detail;

  it('are verified one by one, and it is said which of its run each is', async () => {
    const { trust, receipts, sources, shown } = await written();
    for (const receipt of receipts) {
      expect((await verifyEntry(await shown(receipt.id), trust, sources)).verdict).toBe('ok');
      expect((await verifyPromise(receipt, trust, sources)).verdict).toBe('ok');
    }
    const fifth = await verifyEntry(await shown('1.5'), trust, sources);
    expect(said(fifth, 'signature')).toMatch(
      /^The key of lane 1 signed a run of 12 records, and these \d+ bytes are record 5 of it \(Ed25519\)\.$/,
    );
    expect(said(fifth, 'link')).toBe('It names the hash of 1.4, the record before it.');
    const alone = await verifyEntry(await shown('1.13'), trust, sources);
    expect(said(alone, 'signature')).toMatch(/^The key of lane 1 signed these \d+ bytes \(Ed25519\)\.$/);
  });

  it('are not shown to be kept by the receipt of another of their run', async () => {
    const { trust, receipts, sources } = await written();
    const [mine, other] = receipts;
    if (mine === undefined || other === undefined) throw new Error('no receipts');
    const swapped = { ...mine, signature: other.signature };
    const verified = await verifyPromise(swapped, trust, sources);
    expect(said(verified, 'promised')).toBe('The signature on the receipt is not the one on the record.');
    expect(verified.verdict).toBe('bad');
  });
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
