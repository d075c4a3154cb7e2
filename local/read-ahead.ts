/**
 * The shipped charter as it was read before, beside the modules that `scripts/ready.mjs` makes: whoever could forge it could
 * change these too. A start from the sources finds none.
 */
import { join } from 'node:path';
import { CHARTER_AHEAD, readAhead } from '../adapters/bundled-files.ts';

export const SHIPPED_AHEAD = join(import.meta.dirname, CHARTER_AHEAD);

/** Reads the charter in a folder for the starts to come. */
export const readShippedAhead = (charterFolder: string): void => readAhead(charterFolder, SHIPPED_AHEAD);
