import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { commonHeaders } from './headers.ts';
import type { Ctx } from './routes.ts';

/**
 * JSON as an answer that is whole: with every header, which a `Headers` need not be made for, and with its length. Hono leaves that to
 * the server, where the size metric could not see it, and to read an answer again for it takes longer than to make it.
 * @param headers names in small letters
 */
export function json(
  c: Ctx,
  value: unknown,
  status: ContentfulStatusCode = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  const answer = new Response(isAscii(c.get('echoedId')) ? text : Buffer.from(text), {
    status,
    headers: {
      ...commonHeaders(c),
      'content-type': 'application/json',
      'content-length': String(bytes),
      ...headers,
    },
  });
  c.set('whole', { answer, bytes });
  return answer;
}

/** Node sends a text as one piece with its headers, in UTF-8: a caller's id in Latin-1 would go back as another. */
const isAscii = (id = ''): boolean => Buffer.byteLength(id) === id.length;
