/** Bytes that a client may already have, or may want a part of: `ETag`, `If-None-Match` and `Range` (RFC 9110 §8.8.3, §13, §14). */
import { createHash } from 'node:crypto';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { problem } from './problem.ts';
import type { Ctx } from './routes.ts';

export interface Representation {
  readonly content: string | Uint8Array;
  readonly type: string;
  readonly cacheControl: string;
}

/** 200, 206 with the one range that is asked for, 304 when the client has it, or 416. Several ranges at once are answered whole. */
export function represented(c: Ctx, { content, type, cacheControl }: Representation): Response {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  const headers = { etag, 'cache-control': cacheControl, 'accept-ranges': 'bytes' };
  if (matches(c.req.header('if-none-match'), etag)) return c.body(null, 304, headers);
  const range = c.req.method === 'GET' ? wanted(c, etag, bytes.length) : undefined;
  if (range === 'none')
    return problem(c, 'RANGE_NOT_SATISFIABLE', `There are ${bytes.length} bytes.`, {
      headers: { 'content-range': `bytes */${bytes.length}` },
    });
  const [status, from, to] = range === undefined ? [200, 0, bytes.length] : [206, range.from, range.to + 1];
  const part = Uint8Array.from(bytes.subarray(from, to));
  return c.body(part, status as ContentfulStatusCode, {
    ...headers,
    'content-type': type,
    'content-length': String(part.length),
    ...(range === undefined ? {} : { 'content-range': `bytes ${range.from}-${range.to}/${bytes.length}` }),
  });
}

/** Weak comparison, as `If-None-Match` asks for (RFC 9110 §13.1.2). */
const matches = (header: string | undefined, etag: string): boolean =>
  header?.trim() === '*' || header?.match(/"[^"]*"/g)?.some((each) => each === etag) === true;

interface Range {
  readonly from: number;
  /** The last byte, included. */
  readonly to: number;
}

/** Undefined where everything is to be sent: no range, one in other units, several, or of another version (`If-Range`). */
function wanted(c: Ctx, etag: string, length: number): Range | 'none' | undefined {
  const condition = c.req.header('if-range');
  if (condition !== undefined && condition.trim() !== etag) return undefined;
  const [, first, last] = c.req.header('range')?.match(/^bytes=\s*(\d*)-(\d*)\s*$/i) ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  if (first === '')
    return Number(last) === 0 ? 'none' : { from: Math.max(0, length - Number(last)), to: length - 1 };
  if (last !== '' && Number(last) < Number(first)) return undefined;
  if (Number(first) >= length) return 'none';
  return { from: Number(first), to: last === '' ? length - 1 : Math.min(Number(last), length - 1) };
}
