/**
 * The two that sign for the log, each a function with a role of its own: the sealer asks them and holds neither key.
 */
import * as z from 'zod';
import { ChanceryError } from '../../src/errors.ts';
import { base64, fromBase64 } from '../../src/ledger/bytes.ts';
import type { Witness, Witnessed } from '../../src/ledger/tree/witness.ts';
import type { Signer } from '../../src/ports.ts';
import { type InvokeWhere, invokeAndWait } from './invoke-function.ts';

const signed = z.union([
  z.object({ ok: z.literal(true), signature: z.base64() }),
  z.object({ ok: z.literal(false), detail: z.string() }),
]);
const witnessed = z.union([
  z.object({ ok: z.literal(true), line: z.string() }),
  z.object({ ok: z.literal(false), reason: z.literal('conflict'), size: z.int() }),
  z.object({ ok: z.literal(false), reason: z.enum(['inconsistent', 'forbidden']), detail: z.string() }),
]);

/** Signs checkpoints by `lambdas/sign.ts`. Throws STORE_UNAVAILABLE when it does not answer, or refuses. */
export const remoteSigner = (arn: string, publicKey: Uint8Array, where: InvokeWhere): Signer => ({
  publicKey,
  async sign(message) {
    const checkpoint = new TextDecoder().decode(message);
    const answer = signed.parse(await answered(() => invokeAndWait(arn, { checkpoint }, where)));
    if (!answer.ok) throw new ChanceryError('STORE_UNAVAILABLE', `Not signed: ${answer.detail}`);
    return fromBase64(answer.signature);
  },
});

/**
 * Cosigns by `lambdas/witness.ts`. Throws STORE_UNAVAILABLE when it does not answer.
 * @param newest what it remembers, read where it keeps it: it could tell no more of that, and is billed for each time
 */
export const remoteWitness = (
  arn: string,
  name: string,
  where: InvokeWhere,
  newest: () => Promise<Witnessed | undefined>,
): Witness => ({
  name,
  newest,
  async add(old, proof, checkpoint) {
    return witnessed.parse(
      await answered(() => invokeAndWait(arn, { old, proof: proof.map(base64), checkpoint }, where)),
    );
  },
});

async function answered(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    throw new ChanceryError('STORE_UNAVAILABLE', 'A function that signs for the log did not answer', {
      cause: error,
    });
  }
}
