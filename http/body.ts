/** Bodies at the door: size before content, strict JSON before schemas. */
import type * as z from 'zod';
import { parseStrict } from '../src/aim/json.ts';
import { ChanceryError, type Reason } from '../src/errors.ts';
import type { Json } from '../src/ports.ts';
import type { Ctx } from './routes.ts';

/** Requirements §2: the body is at most 1 MB (2^20 bytes). */
export const MAX_BODY_BYTES = 1_048_576;

/**
 * The raw body. Refuses by `Content-Length` before reading, and by count while reading, since the header can lie.
 * Throws BODY_TOO_LARGE.
 */
export async function readBytes(c: Ctx): Promise<Uint8Array> {
  const declared = Number(c.req.header('content-length') ?? 0);
  if (declared > MAX_BODY_BYTES) throw tooLarge();
  const stream = c.req.raw.body;
  if (stream === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
}

/** Strict JSON of the body: UTF-8, no duplicated keys, bounded depth. Throws VALIDATION_ERROR, BODY_TOO_LARGE. */
export async function readJson(c: Ctx): Promise<Json> {
  const parsed = parseStrict(await readBytes(c));
  if (parsed.ok) return parsed.value;
  throw new ChanceryError('VALIDATION_ERROR', parsed.reason.message, { reasons: [parsed.reason] });
}

/** Parses a value with a schema. Throws VALIDATION_ERROR with one reason a field. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const reasons: Reason[] = parsed.error.issues.map((issue) => ({
    code: 'schema_error',
    path: `/${issue.path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`,
    message: issue.message,
    kind: 'invalid',
  }));
  const first = reasons[0];
  throw new ChanceryError('VALIDATION_ERROR', first ? `${first.path}: ${first.message}` : 'invalid', {
    reasons,
  });
}

function tooLarge(): ChanceryError {
  return new ChanceryError('BODY_TOO_LARGE', `The body is larger than ${MAX_BODY_BYTES} bytes; send large inputs by document reference.`, {
    reasons: [{ code: 'body_too_large', message: 'body is larger than 1 MB', kind: 'invalid' }],
  });
}
