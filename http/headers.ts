import type { Ctx } from './routes.ts';

/** Headers that every answer has, unless it says otherwise of how long it may be kept. */
export function commonHeaders(c: Ctx): Readonly<Record<string, string>> {
  return {
    vary: 'Origin',
    ...c.get('shared'),
    'x-trace-id': c.get('trace'),
    'x-request-id': c.get('echoedId') ?? c.get('requestId'),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
}

/** Gives them to an answer that was not written with them. */
export function addCommonHeaders(c: Ctx, { headers }: Response): void {
  const { vary = '', 'cache-control': kept = '', ...others } = commonHeaders(c);
  for (const [name, value] of Object.entries(others)) headers.set(name, value);
  if (!headers.has('cache-control')) headers.set('cache-control', kept);
  // What comes in the place of an answer, an error's, is handed the headers of that one.
  if (headers.get('vary')?.includes(vary) !== true) headers.append('vary', vary);
}
