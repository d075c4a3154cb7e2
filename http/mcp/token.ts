/** The token that a request came with: for an exchange (RFC 8693) with the server that it is for, and nothing else. */
import type { Ctx } from '../routes.ts';

export const tokenOf = (c: Ctx): string | undefined =>
  c.req.header('authorization')?.replace(/^bearer +/i, '');
