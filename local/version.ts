import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const packageSchema = z.object({ version: z.string() });

/** The version of the code in this folder, as package.json has it. */
export const versionOf = (projectFolder: string): string =>
  packageSchema.parse(JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'))).version;
