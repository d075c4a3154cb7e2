/** Golden records that were signed with their run, and look-alikes that no verifier may take for genuine. */
import { canonicalBytes } from '../../src/basics/canonical.ts';
import {
  base64,
  hex,
  linkHash,
  parseRecord,
  recordHash,
  type Signed,
  signedOf,
} from '../../src/ledger/bytes.ts';
import { keyPairFromSeed } from '../../src/ledger/ed25519.ts';
import { prepare } from '../../src/ledger/lane/content.ts';
import { LaneWriter } from '../../src/ledger/lane/writer.ts';
import { TRACE, testLedger } from '../ledger/support.ts';
import { bodyHash, pathOf, rootOf, runMessage, runSignature, signBy, signRun } from './run-signatures.ts';

const SIZES = [1, 2, 3, 5, 8, 256];
/** Of a run of 256, so many are enough. */
const SHOWN = [0, 1, 127, 128, 255];

/** A lane's writer with the private key that it never tells. */
export async function writerWithSeed(seed: string) {
  const seeds: Uint8Array[] = [];
  const { writer, first: opened } = await LaneWriter.open(1, {
    ...testLedger({ seed }).deps,
    keyPair: (key) => {
      seeds.push(key);
      return keyPairFromSeed(key);
    },
  });
  const [[key], first] = [seeds, signedOf(opened.item)];
  if (key === undefined || first === undefined) throw new Error('the writer opened no lane');
  const { publicKey } = keyPairFromSeed(key);
  /** A run of so many records. */
  const run = (size: number): Signed[] => {
    const begun = writer.begin('together');
    for (let at = 0; at < size; at += 1)
      begun.add(prepare({ type: 'admin.access', trace: TRACE, data: { note: `${at + 1} of ${size}` } }));
    return begun.sign().flatMap(({ item }) => signedOf(item) ?? []);
  };
  return { seed: key, publicKey, first, run };
}

export async function runVectors() {
  const lane = await writerWithSeed('runs');
  const key = base64(lane.publicKey);
  const runs = SIZES.map((size) => lane.run(size));
  const genuine = runs.flatMap((run) =>
    run.flatMap((signed, index) =>
      run.length <= 8 || SHOWN.includes(index)
        ? [
            {
              what: `record ${index + 1} of a run of ${run.length}`,
              ...shown(signed),
              key,
              genuine: true,
              size: run.length,
              index,
              hash: hex(recordHash(signed)),
              link: hex(linkHash(signed)),
            },
          ]
        : [],
    ),
  );
  const stranger = await writerWithSeed('stranger');
  const falsified = Object.entries(lookAlikes(lane, stranger.seed)).map(([what, signed]) => ({
    what,
    ...shown(signed),
    key,
    genuine: false,
  }));
  return [...genuine, ...falsified];
}

const shown = ({ b, s }: Signed) => ({ bytes: hex(b), signature: base64(s) });

/** What somebody makes who can write to the store, or who has the lane's key and keeps to no rule. */
export function lookAlikes(
  { seed, run }: Awaited<ReturnType<typeof writerWithSeed>>,
  strangersSeed: Uint8Array,
): Record<string, Signed> {
  const [three, five, others] = [run(3), run(5), run(5)].map((each) => ({
    bodies: each.map(({ b }) => b),
    leaves: each.map(({ b }) => bodyHash(b)),
    signatures: each.map(({ s }) => s),
  }));
  if (three === undefined || five === undefined || others === undefined)
    throw new Error('three runs were made');
  const of = ({ bodies, signatures }: typeof five, index: number): Signed => ({
    b: bodies[index] ?? new Uint8Array(),
    s: signatures[index] ?? new Uint8Array(),
  });
  const { b, s } = of(five, 2);
  const root = rootOf(five.leaves);
  const [signature, path] = [s.subarray(0, 64), pathOf(2, five.leaves)];
  const signedAs = (message: Uint8Array, by = seed) => ({
    b,
    s: runSignature(signBy(by, message), path, 2, 5),
  });
  const tail = (...last: number[]) => ({ b, s: new Uint8Array([...s.subarray(0, -3), ...last]) });
  const alone = bytesWith(b, { v: 1 });
  const first = of(three, 0);
  return {
    'another index': tail(3, 4, 0x83),
    'an index beyond the run': tail(5, 4, 0x83),
    'another size': tail(2, 5, 0x83),
    'another size to which the same way leads': {
      b: first.b,
      s: runSignature(first.s.subarray(0, 64), pathOf(0, three.leaves), 0, 4),
    },
    'another index and size to which the same way leads': {
      b: of(five, 4).b,
      s: runSignature(of(five, 4).s.subarray(0, 64), pathOf(4, five.leaves), 2, 3),
    },
    'the last hash of the way left out': { b, s: runSignature(signature, path.slice(0, -1), 2, 5) },
    'the first hash of the way left out': { b, s: runSignature(signature, path.slice(1), 2, 5) },
    'a hash more than the way has': { b, s: runSignature(signature, [...path, root], 2, 5) },
    'the way from the root down': { b, s: runSignature(signature, [...path].reverse(), 2, 5) },
    'a mark that counts a hash less': tail(2, 4, 0x82),
    'a mark that counts a hash more': tail(2, 4, 0x84),
    'a mark beyond the largest run': tail(2, 4, 0x89),
    'no mark': tail(2, 4, 0x03),
    'a byte behind the mark': { b, s: new Uint8Array([...s, 0]) },
    'a byte before the index': { b, s: new Uint8Array([...s.subarray(0, -3), 0, ...s.subarray(-3)]) },
    'nothing behind the way': { b, s: s.subarray(0, -3) },
    'the signature of the run alone': { b, s: signature },
    'version 2, and signed alone': { b, s: signBy(seed, b) },
    'version 1, and signed with a run': { b: alone, s: signRun(seed, [alone])[0] ?? s },
    'version 1, with a signature of another record’s run': { b: alone, s },
    'the signature of another run of the same size': { b, s: of(others, 2).s },
    'the signature of its neighbour': { b, s: of(five, 3).s },
    'other bytes': { b: bytesWith(b, { seq: 99 }), s },
    'signed without the size': signedAs(Buffer.concat([Buffer.from('chancery/run/v1\n'), root])),
    'signed with the size of another run': signedAs(runMessage(4, root)),
    'the root signed by itself': signedAs(root),
    'signed by another lane': signedAs(runMessage(5, root), strangersSeed),
  };
}

function bytesWith(b: Uint8Array, members: object): Uint8Array {
  return canonicalBytes({ ...parseRecord(b), ...members });
}
