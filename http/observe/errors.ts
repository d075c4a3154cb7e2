/** `GET /errors/{code}`: what the `type` of a problem document leads to, as text that a person can act on. */
import { ChanceryError, ERRORS, type ErrorCode, errorPath } from '../../src/errors.ts';
import { represented } from '../conditional.ts';
import type { RouteFamily } from '../routes.ts';
import { ERROR_HELP } from './error-help.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** Every code as a section of Markdown: docs/errors.md, and each by itself. */
export function errorSection(code: ErrorCode): string {
  const { status, title } = ERRORS[code];
  const { cause, fix } = ERROR_HELP[code];
  return `## ${code}\n\n${title} (HTTP ${status}).\n\n- Cause: ${cause}\n- What to do: ${fix}\n`;
}

export const errorsPage = (): string =>
  [
    '# Errors',
    '',
    'Every refusal is an RFC 9457 problem document. Its `type` leads here, `code` is stable, `reasons` say what was wrong and where, and `trace_id` finds',
    'the request in logs and ledger (`chancery logs trace`). Made from `src/errors.ts` and `http/observe/error-help.ts` by `npm run generate`.',
    '',
    ...CODES.map(errorSection),
  ].join('\n');

export function errorRoutes(): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/errors/:code',
        scope: null,
        tag: 'health',
        summary: 'What an error code means, and what to do',
        produces: ['text/markdown'],
      },
      (c) => {
        // By the name in `type`, or by the code as answers carry it.
        const asked = (c.req.param('code') ?? '').toLowerCase().replaceAll('_', '-');
        const code = CODES.find((known) => errorPath(known).endsWith(`/${asked}`));
        if (code === undefined) throw new ChanceryError('NOT_FOUND', 'There is no such error code.');
        return represented(c, {
          content: errorSection(code),
          type: 'text/markdown; charset=utf-8',
          cacheControl: 'public, max-age=3600',
        });
      },
    );
  };
}
