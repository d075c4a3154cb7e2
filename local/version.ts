import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of the code in this folder, as package.json has it. Throws when it has none. */
export function versionOf(projectFolder: string): string {
  const read: unknown = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'));
  if (typeof read === 'object' && read !== null && 'version' in read && typeof read.version === 'string')
    return read.version;
  throw new Error(`${projectFolder}/package.json has no version`);
}
