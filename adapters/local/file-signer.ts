/** `Signer` on an Ed25519 key in a file (PKCS #8 PEM, RFC 8410), which only its owner may read. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KEY_BYTES, type KeyPair, keyPairFromSeed } from '../../src/ledger/ed25519.ts';
import type { Signer } from '../../src/ports.ts';
import { openSodium } from './sodium.ts';

/** Opens the key at `path`, made at the first call. Two processes that make it at once get the same key. */
export async function openFileSigner(path: string): Promise<Signer> {
  const key = (await read(path)) ?? (await make(path));
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  if (jwk.crv !== 'Ed25519' || jwk.x === undefined) throw new Error(`${path} holds no Ed25519 key`);
  /** Made at the first signature: many who open a key only show who they are. */
  let pair: KeyPair | undefined;
  return {
    publicKey: new Uint8Array(Buffer.from(jwk.x, 'base64url')),
    async sign(message) {
      // KMS refuses more; refusing it here too keeps what works on one machine working there.
      if (message.length > 4_096) throw new RangeError('a message to sign is at most 4,096 bytes');
      pair ??= pairOf(key);
      return pair.sign(message);
    },
  };
}

/** By libsodium where it loads: each decision's capability is signed while others wait. */
function pairOf(key: KeyObject): KeyPair {
  const sodium = openSodium();
  const der = key.export({ type: 'pkcs8', format: 'der' });
  try {
    // RFC 8410: the private key is what ends it.
    return (sodium.ok ? sodium.sodium.keyPair : keyPairFromSeed)(der.subarray(-KEY_BYTES));
  } finally {
    der.fill(0);
  }
}

async function read(path: string): Promise<KeyObject | undefined> {
  try {
    if (((await stat(path)).mode & 0o077) !== 0)
      throw new Error(`${path} may be read by others: chmod 600 it`);
    return createPrivateKey(await readFile(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written beside its place and linked into it: a crash leaves no half key, and the first of two makers wins. */
async function make(path: string): Promise<KeyObject> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(pem);
    await file.sync();
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
  const key = await read(path);
  if (key === undefined) throw new Error(`${path} vanished while it was being made`);
  return key;
}
