/**
 * A secret of 32 bytes that exists only in memory: KMS computes HMAC-SHA-256 over a fixed label with a key that
 * never leaves it. Every function gets the same bytes, nothing is stored, and one call per cold start is all.
 */
import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import { ChanceryError } from '../../src/errors.ts';

/** `label` tells secrets of one key apart; changing it changes the secret. */
export async function deriveKmsSecret(client: KMSClient, keyId: string, label: string): Promise<Uint8Array> {
  const command = new GenerateMacCommand({
    KeyId: keyId,
    Message: new TextEncoder().encode(label),
    MacAlgorithm: 'HMAC_SHA_256',
  });
  try {
    const { Mac: mac } = await client.send(command);
    if (mac?.length === 32) return new Uint8Array(mac);
  } catch (cause) {
    throw new ChanceryError('STORE_UNAVAILABLE', 'KMS did not answer', { cause });
  }
  throw new ChanceryError('STORE_UNAVAILABLE', 'KMS answered with something that is not an HMAC-SHA-256');
}
