/** A file of a folder that somebody gave us, who may have put anything in its place. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { ChanceryError } from '../../src/errors.ts';

/** Longer than any file that we write. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Undefined for a folder. Throws VALIDATION_ERROR for what is no file (a pipe would be waited for, a device read for ever) or is longer
 * than one of ours can be, and what the file system says.
 */
export async function readPlainFile(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (found.isDirectory()) return undefined;
    if (!found.isFile()) throw new ChanceryError('VALIDATION_ERROR', `${path} is no file`);
    if (found.size > MOST_BYTES)
      throw new ChanceryError('VALIDATION_ERROR', `${path} is longer than ${MOST_BYTES} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
