/** The files that the system starts from: the charter bundle, the workflows and the built console, in folders. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import * as z from 'zod';
import { sha256 } from '../src/basics/digest.ts';
import { parseBundle, prepared, readBundle, type WrittenCharter } from '../src/charter/bundle.ts';
import { makeCedarBy } from '../src/charter/cedar.ts';
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
 * @param ahead where the charter may lie as it was read before
 */
export function readCharter(folder: string, ahead: string = join(folder, CHARTER_AHEAD)): Charter {
  makeCedarBy(makeCedar);
  const files = readFolder(folder);
  const before = existsSync(ahead) ? readBefore(ahead, files) : undefined;
  if (before !== undefined) return prepared(before);
  const parsed = parseBundle(files);
  if (parsed.ok) return parsed.charter;
  const lines = parsed.problems.map(
    ({ file, line, column, message, fix }) => `  ${file}:${line}:${column} ${message}; ${fix}`,
  );
  throw new ChanceryError('VALIDATION_ERROR', `The charter in ${folder} is not valid:\n${lines.join('\n')}`);
}

/**
 * Beside a charter that was built into a function (scripts/bundle.ts): what its files are when they are read and checked, since
 * that is most of a start. It lies with the code, and holds for these very files: others are read. No file of the charter.
 */
export const CHARTER_AHEAD = '.charter';

interface Ahead {
  readonly of: string;
  readonly charter: WrittenCharter;
}

/** Reads a charter for the starts to come. One that is not valid is left for the start to say so. */
export function readAhead(folder: string, ahead: string = join(folder, CHARTER_AHEAD)): void {
  makeCedarBy(makeCedar);
  const files = readFolder(folder);
  const read = readBundle(files);
  if (read.ok)
    writeFileSync(ahead, serialize({ of: digestOf(files), charter: read.charter } satisfies Ahead));
}

function readBefore(ahead: string, files: ReadonlyMap<string, string>): WrittenCharter | undefined {
  const { of, charter }: Ahead = deserialize(readFileSync(ahead));
  return of === digestOf(files) ? charter : undefined;
}

/** Of everything that is the charter: its tests are not. */
const digestOf = (files: ReadonlyMap<string, string>): string =>
  sha256(JSON.stringify([...files].filter(([name]) => !name.startsWith('tests/'))));

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
