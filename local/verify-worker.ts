/** One verification in a thread of its own: seconds of hashing must not hold up requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { ChanceryError } from '../src/errors.ts';
import { type VerifyAnswer, type VerifyJob, verifyStore } from './ledger-verify.ts';

async function answer({ folder, options }: VerifyJob): Promise<VerifyAnswer> {
  try {
    return { verification: await verifyStore(folder, options) };
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    return { code: error.code, message: error.message };
  }
}

parentPort?.postMessage(await answer(workerData));
