/**
 * Two verifiers that disagree are an attack: whoever has a lane's key could sign so that one says OK and the other MODIFIED.
 * So all that verify answer the same, for what no honest signer makes as well: `node:crypto`, libsodium, the browser's, the second
 * verifier in Python.
 */
import { execFile } from 'node:child_process';
import { createPrivateKey, sign as nodeSign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSodium } from '../../adapters/local/sodium.ts';
import { verifies } from '../../client/verify/bytes.ts';
import {
  checkOnPool,
  importPublicKey,
  isSignature,
  keyPairFromSeed,
  verifySignature,
} from '../../src/ledger/ed25519.ts';
import {
  add,
  BASE,
  challenge,
  encode,
  L,
  little,
  NEUTRAL,
  P,
  type Point,
  same,
  times,
  torsion,
} from '../support/edwards.ts';
import { hasPython } from '../verifier/python.ts';

const run = promisify(execFile);

const opened = openSodium();
if (!opened.ok) throw new Error(opened.reason);
const { sodium } = opened;

interface Shown {
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** What each of our own says; the second verifier is asked for many at once. */
async function answers({ key, message, signature }: Shown): Promise<readonly boolean[]> {
  const imported = importPublicKey(key);
  const claim = imported && { key: imported, b: message, s: signature };
  return [
    imported !== undefined && verifySignature(imported, message, signature),
    claim !== undefined && (await checkOnPool([claim]))[0] === true,
    claim !== undefined && sodium.verify({ ...claim, key: claim.key.raw }),
    await verifies(new Uint8Array(key), new Uint8Array(message), new Uint8Array(signature)),
  ];
}

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Asks the Python verifier; one process for all. */
async function secondVerifier(shown: readonly Shown[]): Promise<readonly boolean[]> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-signatures-'));
  try {
    const file = join(folder, 'shown.json');
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const rows = shown.map(({ key, message, signature }) => [hex(key), hex(message), hex(signature)]);
    await writeFile(file, JSON.stringify(rows));
    const { stdout } = await run('python3', [
      join(import.meta.dirname, '../verifier/verify.py'),
      'signatures',
      file,
    ]);
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const text = (value: string) => new TextEncoder().encode(value);
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const join2 = (r: Uint8Array, s: Uint8Array) => new Uint8Array([...r, ...s]);

interface Strange {
  /** The private scalar; 0 for a key of small order. */
  readonly a: bigint;
  /** What is added to the key and to R: multiples of a point of order 8. */
  readonly keyTorsion: number;
  readonly r: bigint;
  readonly rTorsion: number;
  /** Added to S: a multiple of L. */
  readonly over: number;
}

/** What somebody signs who has the key and keeps to no rule. */
function signedStrangely({ a, keyTorsion, r, rTorsion, over }: Strange, message: Uint8Array): Shown {
  const key = encode(add(times(a, BASE), torsion(keyTorsion)));
  const R = encode(add(times(r, BASE), torsion(rTorsion)));
  const s = ((r + challenge(R, key, message) * a) % L) + BigInt(over) * L;
  return { key, message, signature: join2(R, little(s)) };
}

/** Whether SB = R + hA holds as it stands, without a factor of 8 that would hide parts of small order. */
function holds({ key, message, signature }: Shown, A: Point, R: Point): boolean {
  const h = challenge(signature.subarray(0, 32), key, message);
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`);
  return same(times(s, BASE), add(R, times(h, A)));
}

/** A message for which the parts of small order cancel each other out, or for which they do not. */
function found(strange: Strange, cancels: boolean): Shown {
  for (let at = 0; at < 200; at += 1) {
    const shown = signedStrangely(strange, text(`message ${at}`));
    const A = add(times(strange.a, BASE), torsion(strange.keyTorsion));
    const R = add(times(strange.r, BASE), torsion(strange.rTorsion));
    if (holds(shown, A, R) === cancels) return shown;
  }
  throw new Error('no message was found');
}

const plain: Strange = { a: 5n ** 50n, keyTorsion: 0, r: 7n ** 60n, rTorsion: 0, over: 0 };
const notCanonical = little(P + 1n);

/** The kinds of cases of «Taming the many EdDSAs» (Chalkias, Garillot, Nikolaenko, 2020), made here, and what is said to each. */
const CASES: readonly {
  readonly what: string;
  readonly shown: Shown;
  readonly genuine: boolean;
  readonly outright: boolean;
}[] = [
  {
    what: 'an ordinary signature',
    shown: signedStrangely(plain, text('ordinary')),
    genuine: true,
    outright: false,
  },
  {
    what: 'S = 0, A and R of small order',
    shown: found({ ...plain, a: 0n, keyTorsion: 1, r: 0n, rTorsion: 3 }, true),
    genuine: false,
    outright: true,
  },
  {
    what: 'A of small order',
    shown: found({ ...plain, a: 0n, keyTorsion: 1, rTorsion: 2 }, true),
    genuine: false,
    outright: true,
  },
  {
    what: 'R of small order',
    shown: found({ ...plain, keyTorsion: 1, r: 0n, rTorsion: 5 }, true),
    genuine: false,
    outright: true,
  },
  {
    what: 'A and R mixed, and the equation holds',
    shown: found({ ...plain, keyTorsion: 1, rTorsion: 3 }, true),
    genuine: true,
    outright: false,
  },
  {
    what: 'A and R mixed, and it holds with a cofactor only',
    shown: found({ ...plain, keyTorsion: 1, rTorsion: 3 }, false),
    genuine: false,
    outright: false,
  },
  {
    what: 'A mixed, R not, and it holds with a cofactor only',
    shown: found({ ...plain, keyTorsion: 3 }, false),
    genuine: false,
    outright: false,
  },
  {
    what: 'S is not below L',
    shown: signedStrangely({ ...plain, over: 1 }, text('over')),
    genuine: false,
    outright: false,
  },
  {
    what: 'S is far above L',
    shown: signedStrangely({ ...plain, over: 14 }, text('far over')),
    genuine: false,
    outright: false,
  },
  {
    what: 'R is not canonical',
    shown: {
      key: encode(times(plain.a, BASE)),
      message: text('R'),
      signature: join2(
        notCanonical,
        little((challenge(notCanonical, encode(times(plain.a, BASE)), text('R')) * plain.a) % L),
      ),
    },
    genuine: false,
    outright: false,
  },
  {
    what: 'R is not canonical, and hashed as if it were',
    shown: {
      key: encode(times(plain.a, BASE)),
      message: text('R'),
      signature: join2(
        notCanonical,
        little((challenge(encode(NEUTRAL), encode(times(plain.a, BASE)), text('R')) * plain.a) % L),
      ),
    },
    genuine: false,
    outright: false,
  },
  {
    what: 'A is not canonical',
    shown: {
      key: notCanonical,
      message: text('A'),
      signature: join2(encode(times(plain.r, BASE)), little(plain.r)),
    },
    genuine: false,
    outright: true,
  },
  {
    what: 'A is x = 0 with a sign',
    shown: {
      key: bytes(`01${'00'.repeat(30)}80`),
      message: text('A'),
      signature: join2(encode(times(plain.r, BASE)), little(plain.r)),
    },
    genuine: false,
    outright: true,
  },
];

/** RFC 8032 §7.1, tests 1 to 3: seed, public key, message, signature. */
const RFC_8032 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
].map(([seed = '', key = '', message = '', signature = '']) => ({
  seed: bytes(seed),
  key: bytes(key),
  message: bytes(message),
  signature: bytes(signature),
}));

describe('Ed25519', () => {
  it('signs and verifies as RFC 8032 shows', async () => {
    for (const { seed, key, message, signature } of RFC_8032) {
      for (const pair of [keyPairFromSeed(seed), sodium.keyPair(seed)]) {
        expect(pair.publicKey).toEqual(key);
        expect(pair.sign(message)).toEqual(signature);
      }
      expect(await answers({ key, message, signature })).toEqual([true, true, true, true]);
    }
  });

  it.each(CASES)('all say the same of a signature where $what', async ({ shown, genuine, outright }) => {
    expect(await answers(shown)).toEqual([genuine, genuine, genuine, genuine]);
    // What builds of OpenSSL differ in is refused before one is asked.
    expect(importPublicKey(shown.key) === undefined || !isSignature(shown.signature)).toBe(outright);
  });

  it('refuses signatures and keys of another length, whatever follows', async () => {
    const { key, message, signature } = signedStrangely(plain, text('length'));
    const longer = (given: Uint8Array) => new Uint8Array([...given, 0]);
    for (const shown of [
      { key, message, signature: longer(signature) },
      { key, message, signature: signature.subarray(0, 63) },
      { key, message, signature: new Uint8Array(0) },
      { key: longer(key), message, signature },
      { key: key.subarray(0, 31), message, signature },
    ])
      expect(await answers(shown)).toEqual([false, false, false, false]);
    expect(sodium.verify({ key: key.subarray(1), b: message, s: signature })).toBe(false);
    expect(() => sodium.keyPair(new Uint8Array(31))).toThrow(RangeError);
  });

  it('signs the same bytes by both, and takes them and nothing near them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 2_000 }),
        fc.constantFrom('key', 'message', 'signature'),
        fc.nat(),
        async (seed, message, part, bit) => {
          const [ours, theirs] = [keyPairFromSeed(seed), sodium.keyPair(seed)];
          const der = { key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' } as const;
          const signature = theirs.sign(message);
          expect(theirs.publicKey).toEqual(ours.publicKey);
          expect(signature).toEqual(ours.sign(message));
          expect(signature).toEqual(new Uint8Array(nodeSign(null, message, createPrivateKey(der))));
          const shown = { key: ours.publicKey, message, signature };
          expect(await answers(shown)).toEqual([true, true, true, true]);
          const changed = shown[part].slice();
          if (changed.length === 0) return;
          const at = bit % (changed.length * 8);
          changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
          expect(await answers({ ...shown, [part]: changed })).toEqual([false, false, false, false]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('all say the same of what somebody signs who has the key and keeps to no rule', async () => {
    const shown: Shown[] = [];
    const said: boolean[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          a: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 2n ** 64n })),
          keyTorsion: fc.nat(7),
          r: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 2n ** 64n })),
          rTorsion: fc.nat(7),
          over: fc.constantFrom(0, 0, 0, 1, 14),
        }),
        fc.uint8Array({ maxLength: 40 }),
        async (strange, message) => {
          const one = signedStrangely(strange, message);
          const [first, ...others] = await answers(one);
          for (const other of others) expect(other).toBe(first);
          shown.push(one);
          said.push(first === true);
        },
      ),
      { numRuns: 40 },
    );
    if (hasPython) expect(await secondVerifier(shown)).toEqual(said);
  });

  it.runIf(hasPython)('the second verifier says the same of every case', async () => {
    expect(await secondVerifier(CASES.map(({ shown }) => shown))).toEqual(
      CASES.map(({ genuine }) => genuine),
    );
  });
});
