/**
 * Records that were signed with their run: the ledger, the browser and the second verifier take the same for genuine, whatever somebody
 * who can write to the store, or who has a lane's key, made of it.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  linkHash as linkInTheBrowser,
  isSignedBy as saysTheBrowser,
  signedOf,
} from '../../client/verify/signed.ts';
import { hex, linkHash, recordHash } from '../../src/ledger/bytes.ts';
import { importPublicKey, keyPairFromSeed } from '../../src/ledger/ed25519.ts';
import { joinEntry, splitEntry } from '../../src/ledger/entry.ts';
import { isSignedBy } from '../../src/ledger/run-signature.ts';
import { hasPython } from './python.ts';
import { signBy, signRun } from './run-signatures.ts';
import { lookAlikes, writerWithSeed } from './run-vectors.ts';

const execute = promisify(execFile);
const own = (bytes: Uint8Array) => new Uint8Array(bytes);

interface Shown {
  readonly key: Uint8Array;
  readonly entry: Uint8Array;
}

function saysTheLedger({ key, entry }: Shown): boolean {
  const imported = importPublicKey(key);
  return imported !== undefined && isSignedBy(imported, splitEntry(entry));
}

/** One process for all. */
async function saysPython(shown: readonly Shown[]): Promise<readonly boolean[]> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-runs-'));
  try {
    const file = join(folder, 'shown.json');
    await writeFile(file, JSON.stringify(shown.map(({ key, entry }) => [hex(key), hex(entry)])));
    const { stdout } = await execute('python3', [join(import.meta.dirname, 'verify.py'), 'entries', file]);
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const lane = await writerWithSeed('property');
const stranger = await writerWithSeed('stranger');
const runs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 33, 256].map((size) => lane.run(size));

it('are signed as the letter of the format says', () => {
  for (const run of runs)
    expect(run.map(({ s }) => hex(s))).toEqual(
      signRun(
        lane.seed,
        run.map(({ b }) => b),
      ).map(hex),
    );
});

it('come apart into what was signed, and name each other without their signatures', async () => {
  for (const run of runs)
    for (const { b, s } of run) {
      const entry = own(joinEntry({ b, s }));
      const { bytes, signature } = signedOf(entry);
      expect([hex(bytes), hex(signature)]).toEqual([hex(b), hex(s)]);
      expect(splitEntry(entry)).toEqual({ b, s });
      expect(hex(await linkInTheBrowser(entry))).toBe(hex(linkHash({ b, s })));
      expect(hex(linkHash({ b, s }))).not.toBe(hex(recordHash({ b, s })));
    }
});

/** An entry of a run, and how it is spoilt: a byte, and something in `s` left out or put in. */
const spoilt = fc
  .record({
    run: fc.constantFrom(...runs),
    index: fc.nat(),
    /** From the end, where everything but `b` stands. */
    at: fc.nat(330),
    by: fc.integer({ min: 1, max: 255 }),
    how: fc.constantFrom('change', 'leave out', 'put in', 'end in'),
  })
  .map(({ run, index, at, by, how }) => {
    const signed = run[index % run.length];
    if (signed === undefined) throw new Error('a run is not empty');
    const entry = Array.from(joinEntry(signed));
    const place = entry.length - 1 - (at % entry.length);
    if (how === 'change') entry[place] = (entry[place] ?? 0) ^ by;
    else if (how === 'leave out') entry.splice(place, 1 + (by % 64));
    else if (how === 'put in') entry.splice(place, 0, ...new Array(1 + (by % 64)).fill(by));
    else entry.splice(-3, 3, by, at & 0xff, 0x80 + (at % 10));
    return { key: lane.publicKey, entry: Uint8Array.from(entry), same: hex(joinEntry(signed)) };
  });

it('are genuine as they are, and with any byte changed to nobody who verifies', async () => {
  await fc.assert(
    fc.asyncProperty(spoilt, async ({ key, entry, same }) => {
      const genuine = hex(entry) === same;
      expect(saysTheLedger({ key, entry })).toBe(genuine);
      expect(await saysTheBrowser(own(key), signedOf(own(entry)))).toBe(genuine);
    }),
    { numRuns: 400 },
  );
});

describe.runIf(hasPython)('in another language', () => {
  it('are genuine, and not, where the others say so', async () => {
    const changed = fc.sample(spoilt, { numRuns: 60, seed: 17 });
    const whole = runs.flatMap((run) =>
      [run[0], run.at(-1)].flatMap((signed) => (signed === undefined ? [] : [joinEntry(signed)])),
    );
    const shown: Shown[] = [...changed, ...whole.map((entry) => ({ key: lane.publicKey, entry }))];
    const ours = shown.map(saysTheLedger);
    expect(await saysPython(shown)).toEqual(ours);
    expect(ours.slice(changed.length)).toEqual(whole.map(() => true));
  });
});

const ALIKE = Object.entries(lookAlikes(lane, stranger.seed));

describe.each(ALIKE)('a look-alike: %s', (_, signed) => {
  it('is not genuine to the ledger as the store shows it, nor to anybody out of the tree', async () => {
    const key = importPublicKey(lane.publicKey);
    const entry = own(joinEntry(signed));
    expect(key !== undefined && isSignedBy(key, signed)).toBe(false);
    expect(saysTheLedger({ key: lane.publicKey, entry })).toBe(false);
    expect(await saysTheBrowser(own(lane.publicKey), signedOf(entry))).toBe(false);
  });
});

/** Records alone are told from those of a run by their last byte: that no signature ends in so much is S < L. */
it('leave a record that was signed alone as it was, whatever its bytes end in', () => {
  const { publicKey } = keyPairFromSeed(lane.seed);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (start, looks) => {
      const b = new Uint8Array([...start, ...Buffer.from(looks ? '"v":2}' : '"v":1}')]);
      const padded = looks ? new Uint8Array([...b, ...start, ...Buffer.from('"v":1}')]) : b;
      const entry = joinEntry({ b: padded, s: signBy(lane.seed, padded) });
      expect(hex(splitEntry(entry).b)).toBe(hex(padded));
      expect(saysTheLedger({ key: publicKey, entry })).toBe(true);
    }),
  );
});
