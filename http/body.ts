/** Bodies at the door: size before content, the media type before strict JSON, strict JSON before schemas. */
import { Readable } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import type * as z from 'zod';
import { schemaReasons } from '../src/aim/closed.ts';
import { parseStrict } from '../src/basics/strict-json.ts';
import { ChanceryError, type Reason } from '../src/errors.ts';
import { bodyFault } from '../src/gate/answer.ts';
import type { Json } from '../src/json.ts';
import type { Ctx } from './routes.ts';

/** The body is at most 1 MB (2^20 bytes). */
export const MAX_BODY_BYTES = 1_048_576;

const TOO_LARGE: Reason = {
  code: 'body_too_large',
  path: '',
  message: `the body is larger than ${MAX_BODY_BYTES} bytes; send large inputs by document reference`,
  kind: 'invalid',
};
const NOT_JSON: Reason = {
  code: 'unsupported_media_type',
  path: 'header:Content-Type',
  message: 'the body must be application/json in UTF-8, and say so',
  kind: 'invalid',
};
const ENCODED: Reason = {
  code: 'unsupported_encoding',
  path: 'header:Content-Encoding',
  message: 'the body must come as it is: compressed ones are not taken',
  kind: 'invalid',
};

/**
 * The raw body; undefined when it is too large. Looks at `Content-Length` before reading, and counts while
 * reading, since the header can lie. Throws BODY_INCOMPLETE where the client breaks off.
 */
async function readBytes(c: Ctx): Promise<Uint8Array | undefined> {
  const declared = Number(c.req.header('content-length') ?? 0);
  if (declared > MAX_BODY_BYTES) return undefined;
  // Node's own stream on a Node server: the web stream around it costs as much as the decision.
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  const chunks: Uint8Array[] = [];
  try {
    const read = incoming instanceof Readable ? readNode(incoming, chunks) : readWeb(c.req.raw.body, chunks);
    if (!(await read)) return undefined;
  } catch (cause) {
    throw new ChanceryError('BODY_INCOMPLETE', 'The connection ended before the body did.', { cause });
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

/** False when there is more than is taken. */
async function readWeb(stream: ReadableStream<Uint8Array> | null, chunks: Uint8Array[]): Promise<boolean> {
  let size = 0;
  for await (const chunk of stream ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return false;
    chunks.push(chunk);
  }
  return true;
}

/**
 * The same by events, since iterating costs more than all that is done with the bytes. Left undestroyed when reading
 * stops early: the answer goes out on the same socket.
 */
function readNode(incoming: Readable, chunks: Uint8Array[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    if (incoming.readableEnded) return resolve(true);
    const closed = (): void => {
      if (!incoming.readableEnded) reject(new Error('the stream was closed before its end'));
    };
    if (incoming.destroyed) return closed();
    let size = 0;
    const take = (chunk: Uint8Array): void => {
      size += chunk.byteLength;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else {
        incoming.off('data', take).pause();
        resolve(false);
      }
    };
    incoming
      .on('data', take)
      .once('end', () => resolve(true))
      .once('error', reject)
      .once('close', closed);
  });
}

/** RFC 9110 §8.3: the type in any case. JSON is UTF-8 whatever a `charset` says (RFC 8259 §11), so another one is a lie. */
function isJson(type: string | undefined): boolean {
  const [essence = '', ...parameters] = (type ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charsets = parameters.filter((each) => each.startsWith('charset='));
  return essence === 'application/json' && charsets.every((each) => /^charset="?utf-8"?$/.test(each));
}

function unreadable(c: Ctx): Reason | undefined {
  const encoding = c.req.header('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') return ENCODED;
  return isJson(c.req.header('content-type')) ? undefined : NOT_JSON;
}

/** A body as it came in: strict JSON (UTF-8, no duplicated keys, bounded depth), or why it is not. */
export type Body =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: Reason };

/** For the governed routes, which record what was wrong with a body instead of only refusing it. */
export async function readBody(c: Ctx): Promise<Body> {
  const bytes = await readBytes(c);
  if (bytes === undefined) return { ok: false, reason: TOO_LARGE };
  return bodyOf(c, bytes);
}

function bodyOf(c: Ctx, bytes: Uint8Array): Body {
  const reason = bytes.byteLength === 0 ? undefined : unreadable(c);
  return reason === undefined ? parseStrict(bytes) : { ok: false, reason };
}

/** Throws VALIDATION_ERROR, UNSUPPORTED_MEDIA_TYPE or BODY_TOO_LARGE. */
export async function readJson(c: Ctx): Promise<Json> {
  return jsonOf(await readBody(c));
}

/** The same where a body may be left out: then it is an empty object. */
export async function readOptionalJson(c: Ctx): Promise<Json> {
  const bytes = await readBytes(c);
  if (bytes?.byteLength === 0) return {};
  return jsonOf(bytes === undefined ? { ok: false, reason: TOO_LARGE } : bodyOf(c, bytes));
}

/** Throws as `readJson` does. */
export function jsonOf(body: Body): Json {
  if (body.ok) return body.value;
  const code = bodyFault(body.reason) ?? 'VALIDATION_ERROR';
  throw new ChanceryError(code, body.reason.message, { reasons: [body.reason] });
}

/** The first reason for people: the body as a whole has no name. */
export function firstOf([first]: readonly Reason[]): string {
  if (first === undefined) return 'invalid';
  return first.path ? `${first.path}: ${first.message}` : first.message;
}

/** Parses a value with a schema. Throws VALIDATION_ERROR with one reason a field. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const reasons = schemaReasons(parsed.error);
  throw new ChanceryError('VALIDATION_ERROR', firstOf(reasons), { reasons });
}

/**
 * What the query says. Throws VALIDATION_ERROR for what the schema does not take, and for a name that stands there
 * twice: whoever sees only the first sees another request than whoever sees only the last.
 */
export function readQuery<T>(c: Ctx, schema: z.ZodType<T>): T {
  for (const [name, values] of Object.entries(c.req.queries()))
    if (values.length > 1) {
      const message = 'is given more than once';
      const reason: Reason = { code: 'schema_error', path: `query:${name}`, message, kind: 'invalid' };
      throw new ChanceryError('VALIDATION_ERROR', `Give ${name} once.`, { reasons: [reason] });
    }
  return parseWith(schema, c.req.query());
}
