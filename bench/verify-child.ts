/**
 * One verification in a process of its own, so that its memory is its own too. Arguments: the data folder, and
 * `hashes` or `signatures`. Prints what was found, the milliseconds and the highest resident set in bytes.
 */
import { verifyStore } from '../local/ledger-verify.ts';

const [, , folder = '', what] = process.argv;
const begun = performance.now();
const { verdict, entries } = await verifyStore(folder, { signatures: what === 'signatures' });
const ms = performance.now() - begun;
console.log(JSON.stringify({ verdict, entries, ms, peak_bytes: process.resourceUsage().maxRSS * 1_024 }));
