/** Loads the charter that ships with the code. */
import { parseBundle } from '../src/charter/bundle.ts';
import type { Charter } from '../src/charter/charter.ts';
import { ChanceryError } from '../src/errors.ts';
import { readFolder } from './folder.ts';

/** Throws VALIDATION_ERROR that names every file, line and fix: without a charter nothing may start. */
export function loadCharter(folder: string): Charter {
  const parsed = parseBundle(readFolder(folder));
  if (parsed.ok) return parsed.charter;
  const lines = parsed.problems.map(
    ({ file, line, column, message, fix }) => `  ${file}:${line}:${column} ${message}; ${fix}`,
  );
  throw new ChanceryError('VALIDATION_ERROR', `The charter in ${folder} is not valid:\n${lines.join('\n')}`);
}
