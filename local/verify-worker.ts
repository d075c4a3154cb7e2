/** One verification in a thread of its own: seconds of hashing must not hold up requests. */
import { type VerifyJob, verifyStore } from './ledger-verify.ts';
import { giveWay, serve } from './thread.ts';

giveWay();
await serve(({ folder, options }: VerifyJob) => ({ run: () => verifyStore(folder, options) }));
