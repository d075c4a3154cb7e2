/**
 * Ed25519 by libsodium (the binary that `sodium-native` carries): half the time of `node:crypto`, the same bytes. The binary is loaded by
 * itself, without the package's JavaScript, which would only look for it, in ten times as long. It checks no lengths: that is done here.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  isSignature,
  KEY_BYTES,
  type MakeKeyPair,
  type ShownSignature,
  SIGNATURE_BYTES,
} from '../../src/ledger/ed25519.ts';

export interface Sodium {
  /** Its private key is outside JavaScript's heap: no snapshot of it and, where the system allows, no core dump has it. */
  readonly keyPair: MakeKeyPair;
  /** In this thread, 50 to 65 µs. */
  verify(claimed: RawClaim): boolean;
}

/** As it is sent to a thread: the key by its bytes, which were found to be a key that may sign. */
export interface RawClaim extends Pick<ShownSignature, 'b' | 's'> {
  readonly key: Uint8Array;
}

/** libsodium or, with `node:crypto` in its place, why it is not to be had here. */
export type Opened =
  | { readonly ok: true; readonly sodium: Sodium }
  | { readonly ok: false; readonly reason: string };

let opened: Opened | undefined;

/** Loaded at the first call, once a thread. Never throws. */
export function openSodium(): Opened {
  opened ??= open();
  return opened;
}

function open(): Opened {
  try {
    if (isMusl()) throw new Error('there is no binary for musl');
    const binding: unknown = createRequire(import.meta.url)(
      `sodium-native/prebuilds/${process.platform}-${process.arch}/sodium-native.node`,
    );
    if (!isBinding(binding)) throw new Error('the binary is another one than expected');
    const sodium = over(binding);
    if (!answersAsKnown(sodium)) throw new Error('its answers are not those that are known');
    return { ok: true, sodium };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

interface Binding {
  sodium_malloc(length: number): ArrayBuffer;
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): number;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): number;
  crypto_sign_verify_detached(
    ...signatureMessageAndKey: readonly [
      ...[bytes: ArrayBufferLike, from: number, length: number],
      ...[bytes: ArrayBufferLike, from: number, length: number],
      ...[bytes: ArrayBufferLike, from: number, length: number],
    ]
  ): boolean;
}

function isBinding(value: unknown): value is Binding {
  const functions = value as Partial<Record<keyof Binding, unknown>> | null;
  return (
    typeof functions === 'object' &&
    functions !== null &&
    (
      [
        'sodium_malloc',
        'crypto_sign_seed_keypair',
        'crypto_sign_detached',
        'crypto_sign_verify_detached',
      ] as const
    ).every((name) => typeof functions[name] === 'function')
  );
}

const SECRET_BYTES = 64;

function over(binding: Binding): Sodium {
  return {
    keyPair(seed) {
      if (seed.length !== KEY_BYTES) throw new RangeError(`a seed is ${KEY_BYTES} bytes`);
      const publicKey = new Uint8Array(KEY_BYTES);
      const secretKey = new Uint8Array(binding.sodium_malloc(SECRET_BYTES));
      if (binding.crypto_sign_seed_keypair(publicKey, secretKey, seed) !== 0)
        throw new Error('libsodium made no key pair');
      return {
        publicKey,
        sign(message) {
          const signature = new Uint8Array(SIGNATURE_BYTES);
          if (binding.crypto_sign_detached(signature, message, secretKey) !== 0)
            throw new Error('libsodium made no signature');
          return signature;
        },
      };
    },
    verify: ({ key, b, s }) =>
      key.length === KEY_BYTES &&
      isSignature(s) &&
      binding.crypto_sign_verify_detached(
        s.buffer,
        s.byteOffset,
        s.length,
        b.buffer,
        b.byteOffset,
        b.length,
        key.buffer,
        key.byteOffset,
        key.length,
      ),
  };
}

/** Where musl's loader is, glibc's binary may load and then fail at its first call. */
function isMusl(): boolean {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return process.platform === 'linux' && existsSync(`/lib/ld-musl-${machine}.so.1`);
}

const KNOWN = {
  seed: new Uint8Array(KEY_BYTES).fill(7),
  key: bytes('ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c'),
  b: new TextEncoder().encode('chancery'),
  s: bytes(
    '45794e70736a82af01e66ba14dd68bc177650132f95a44041a4c3a89cd3a51960d84fc9cd68319a7d1d6edc26681e61b4f8b9f0a51d1c1eae3da480a90c10903',
  ),
  /** The same key's, with a point of order 8 added to R: the equation with a cofactor takes it, which newer libsodiums use. */
  strange: bytes(
    'ee6f4104b3fec04dc51975e268392501272381729c6794b75f554930e034839651b7ae8444114597f37590a3e64acbc647f1b636811c477951f4872e4788bb09',
  ),
};

function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** Another build of the library must not decide by another rule than `node:crypto`: then it is not used. */
function answersAsKnown({ keyPair, verify }: Sodium): boolean {
  const { seed, key, b, s, strange } = KNOWN;
  const pair = keyPair(seed);
  return (
    Buffer.compare(pair.publicKey, key) === 0 &&
    Buffer.compare(pair.sign(b), s) === 0 &&
    verify({ key, b, s }) &&
    !verify({ key, b, s: strange })
  );
}
