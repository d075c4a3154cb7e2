/**
 * The environments that a person named, in one file of theirs: where each is, and how its tokens are got. Tokens themselves are
 * in a second file beside it. Both are for their owner's eyes only, and each is replaced whole.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { CommandEnd, EXIT } from './command-end.ts';

/** The runtime of this machine: it is always there, and nobody else may have its name. */
export const LOCAL = 'local';

export const contextName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'a name has letters, digits, dots, dashes and underscores')
  .refine((name) => name !== LOCAL, `${LOCAL} is the runtime of this machine`);

const apiUrl = z
  .url({ protocol: /^https?$/, error: 'it is a URL that begins with https:// or http://', abort: true })
  .refine((text) => {
    const { username, password, search, hash } = new URL(text);
    return `${username}${password}${search}${hash}` === '';
  }, 'it has no user, query or fragment')
  .transform((text) => text.replace(/\/+$/, ''));

/** How a token is got: what a command prints, or the device flow (RFC 8628) of an OpenID provider. */
const tokenSource = z.union([
  z.strictObject({ command: z.string().min(1) }),
  z.strictObject({
    oidc: z.strictObject({
      issuer: apiUrl,
      client_id: z.string().min(1),
      scope: z.string().min(1).default('openid'),
      audience: z.string().min(1).optional(),
    }),
  }),
]);

export const contextSchema = z.strictObject({
  url: apiUrl,
  /** Where on AWS it is deployed: then logs and stores are read there. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'it is an AWS region, such as eu-central-1')
    .optional(),
  /** Its name as deployed, where that is not the context's. */
  environment: z.string().min(1).optional(),
  token: tokenSource.optional(),
});

const fileSchema = z.strictObject({
  current: z.string().optional(),
  contexts: z.record(z.string(), contextSchema).default({}),
});

export type Context = z.output<typeof contextSchema>;
export type OidcSource = Extract<z.output<typeof tokenSource>, { oidc: unknown }>['oidc'];
export type ContextFile = z.output<typeof fileSchema>;

/** Ends the command (usage) where the file is not right, or others could have written the commands in it. */
export function readContexts(path: string): ContextFile {
  const text = textAt(path);
  if (text === undefined) return { contexts: {} };
  if (process.platform !== 'win32' && (statSync(path).mode & 0o022) !== 0)
    throw new CommandEnd(
      `${path} can be written by others, and commands in it are run: chmod 600 ${path}`,
      EXIT.usage,
    );
  const parsed = fileSchema.safeParse(jsonOf(path, text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CommandEnd(
    `${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? ''}. Mend or remove it.`,
    EXIT.usage,
  );
}

export const contextNamed = ({ contexts }: ContextFile, name: string): Context | undefined =>
  Object.hasOwn(contexts, name) ? contexts[name] : undefined;

/** Reads, changes and replaces the file while no other command does. */
export function changeContexts(path: string, change: (file: ContextFile) => ContextFile): void {
  const real = realPath(path);
  mkdirSync(dirname(real), { recursive: true, mode: 0o700 });
  const release = lock(`${real}.lock`);
  try {
    replaceFile(real, `${JSON.stringify(change(readContexts(real)), null, 2)}\n`);
  } finally {
    release();
  }
}

/** Whoever reads it sees the old content or the new one; nobody but its owner reads it. */
export function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomUUID()}`;
  const file = openSync(beside, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
}

export function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (isError(cause, 'ENOENT') || isError(cause, 'ENOTDIR')) return undefined;
    throw new CommandEnd(`${path} cannot be read: ${String(cause)}`, EXIT.usage);
  }
}

/** A link stays one: what it leads to is replaced. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    if (isError(cause, 'ENOENT')) return path;
    throw cause;
  }
}

/** A change takes milliseconds: a lock that is older was left by a command that was killed. */
const STALE_MS = 10_000;
const TRIES = 200;
const PAUSE_MS = 10;

function lock(path: string): () => void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      closeSync(openSync(path, 'wx', 0o600));
      return () => rmSync(path, { force: true });
    } catch (cause) {
      if (!isError(cause, 'EEXIST')) throw cause;
      if (ageOf(path) > STALE_MS) rmSync(path, { force: true });
      else Atomics.wait(pause, 0, 0, PAUSE_MS);
    }
  }
  throw new CommandEnd(`Another command is changing the contexts; if none is, remove ${path}.`, EXIT.usage);
}

function ageOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}

const isError = (cause: unknown, code: string): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === code;

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandEnd(`${path} is not JSON (${why}). Mend or remove it.`, EXIT.usage);
  }
}
