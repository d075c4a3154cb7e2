/** `Signer` on a KMS key of spec ECC_NIST_EDWARDS25519: the private half never leaves KMS. */
import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { ChanceryError } from '../../src/errors.ts';
import type { Signer } from '../../src/ports.ts';

/** Fetches the public key (SubjectPublicKeyInfo, RFC 8410) once; each signature is one call, ≤ 4,096 bytes. */
export async function openKmsSigner(client: KMSClient, keyId: string): Promise<Signer> {
  const { PublicKey: spki } = await answered(() => client.send(new GetPublicKeyCommand({ KeyId: keyId })));
  return {
    publicKey: rawPublicKey(spki),
    async sign(message) {
      if (message.length > 4_096) throw new RangeError('a message to sign is at most 4,096 bytes');
      const command = new SignCommand({
        KeyId: keyId,
        Message: message,
        // Never the pre-hashed variant: nobody else could verify its signatures as Ed25519 of the message.
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      });
      const { Signature: signature } = await answered(() => client.send(command));
      if (signature?.length !== 64) throw unavailable(undefined);
      return new Uint8Array(signature);
    },
  };
}

function rawPublicKey(spki: Uint8Array | undefined): Uint8Array {
  if (spki === undefined) throw unavailable(undefined);
  const jwk = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({
    format: 'jwk',
  });
  if (jwk.crv !== 'Ed25519' || jwk.x === undefined) throw new TypeError('the KMS key is not an Ed25519 key');
  return new Uint8Array(Buffer.from(jwk.x, 'base64url'));
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): ChanceryError {
  return new ChanceryError('STORE_UNAVAILABLE', 'KMS did not answer', { cause });
}
