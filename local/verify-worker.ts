/** One verification in a thread of its own: seconds of hashing must not hold up requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { verifyStore } from './ledger-verify.ts';

parentPort?.postMessage(await verifyStore(workerData));
