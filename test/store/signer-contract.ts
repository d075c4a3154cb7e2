/** What every `Signer` must do. */
import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Signer } from '../../src/ports.ts';

export function signerContract(
  name: string,
  open: () => Promise<{ signer: Signer; close: () => Promise<void> | void }>,
): void {
  describe(`the signer contract on ${name}`, () => {
    let signer: Signer;
    let close: (() => Promise<void> | void) | undefined;
    beforeAll(async () => {
      ({ signer, close } = await open());
    }, 60_000);
    afterAll(async () => close?.());

    test('the public key is 32 raw bytes and signatures are 64', async () => {
      expect(signer.publicKey).toHaveLength(32);
      expect(await signer.sign(new Uint8Array([1]))).toHaveLength(64);
    });

    test.each([0, 1, 64, 4_096])(
      'signs %i bytes with pure Ed25519, the message itself and not its hash',
      async (length) => {
        const message = new Uint8Array(length).fill(7);
        const signature = await signer.sign(message);
        expect(verifies(signer, message, signature)).toBe(true);
        expect(verifies(signer, new Uint8Array([...message, 0]), signature)).toBe(false);
      },
    );

    test('refuses more than 4,096 bytes', async () => {
      await expect(signer.sign(new Uint8Array(4_097))).rejects.toThrow(RangeError);
    });
  });
}

function verifies({ publicKey }: Signer, message: Uint8Array, signature: Uint8Array): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') };
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);
}
