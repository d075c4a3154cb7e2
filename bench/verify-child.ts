/**
 * One verification, as `chancery ledger verify` does it, in a process of its own, so that its memory is its own too. Arguments: the data folder, and
 * `hashes` or `signatures`. Prints what was found, the milliseconds and the highest resident set in bytes.
 */
import { enableCompileCache } from 'node:module';
import { verifyInThread } from '../local/ledger-verify.ts';

// As the command line does.
enableCompileCache(`${import.meta.dirname}/../node_modules/.cache/node`);
const [, , folder = '', what] = process.argv;
const begun = performance.now();
const { verdict, entries } = await verifyInThread(folder, { signatures: what === 'signatures' });
const ms = performance.now() - begun;
console.log(JSON.stringify({ verdict, entries, ms, peak_bytes: process.resourceUsage().maxRSS * 1_024 }));
