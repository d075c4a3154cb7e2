/** The files that the system starts from: the charter bundle, the workflows and the built console, in folders. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import * as z from 'zod';
import type { ReadYaml } from '../src/basics/yaml.ts';
import { parseBundle } from '../src/charter/bundle.ts';
import { makeCedarBy } from '../src/charter/cedar.ts';
import type { CedarAnswers } from '../src/charter/cedar-answers.ts';
import type { Charter } from '../src/charter/charter.ts';
import { ChanceryError } from '../src/errors.ts';
import { describeProblems, loadWorkflows } from '../src/workflow/registry.ts';
import type { Registry } from '../src/workflow/workflow.ts';
import { makeCedar } from './cedar.ts';

/** Path within the folder (with `/`) → text, sorted by path. Throws when the folder cannot be read. */
export function readFolder(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return new Map(
    files.map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')]),
  );
}

/**
 * Throws VALIDATION_ERROR that names every file, line and fix: without a charter nothing may start.
 * @param known what is not found out again; otherwise what was carried beside it
 */
export function readCharter(
  folder: string,
  known?: { readonly answers: CedarAnswers; readonly yaml: ReadYaml },
): Charter {
  makeCedarBy(makeCedar);
  const parsed = parseBundle(readFolder(folder), known?.answers ?? carriedAnswers(folder), known?.yaml);
  if (parsed.ok) return parsed.charter;
  const lines = parsed.problems.map(
    ({ file, line, column, message, fix }) => `  ${file}:${line}:${column} ${message}; ${fix}`,
  );
  throw new ChanceryError('VALIDATION_ERROR', `The charter in ${folder} is not valid:\n${lines.join('\n')}`);
}

/** Beside a charter that was built into a function (scripts/bundle.ts): what Cedar said of it then. No file of the charter. */
export const CEDAR_ANSWERS = '.cedar.json';

function carriedAnswers(folder: string): CedarAnswers | undefined {
  const path = join(folder, CEDAR_ANSWERS);
  if (!existsSync(path)) return undefined;
  const answers: CedarAnswers = JSON.parse(readFileSync(path, 'utf8'));
  return answers;
}

/** The built console, by name; empty where it is not carried. */
export function readConsole(folder: string): ReadonlyMap<string, Uint8Array> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
}

const routesSchema = z.array(
  z.object({ method: z.enum(['get', 'post', 'put', 'delete']), path: z.string() }),
);

/** Beside a function that answers preflights: every route of the API. */
export const ROUTES = 'routes.json';

/** Throws when the file is not there, or is none of those. */
export const readRoutes = (folder: string): z.infer<typeof routesSchema> =>
  routesSchema.parse(JSON.parse(readFileSync(join(folder, ROUTES), 'utf8')));

/** Throws VALIDATION_ERROR likewise: one wrong file refuses the whole set. */
export function readWorkflows(folder: string): Registry {
  const loaded = loadWorkflows(readFolder(folder));
  if (loaded.ok) return loaded.registry;
  throw new ChanceryError(
    'VALIDATION_ERROR',
    `The workflows do not load:\n${describeProblems(loaded.problems)}`,
  );
}
