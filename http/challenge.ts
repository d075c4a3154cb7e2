/**
 * How a client that was refused learns what to bring: RFC 6750 §3, and for an MCP client the way to the resource's metadata
 * (RFC 9728 §5.1).
 */
import type { ErrorCode } from '../src/errors.ts';

export interface Challenged {
  readonly code: ErrorCode;
  /** The scope that guards the route; null where none does. */
  readonly scope: string | null;
  /** Absolute, where the route is a resource of its own. */
  readonly metadata?: string;
}

/** The value of `WWW-Authenticate`; undefined where a better token would not help. */
export function challengeFor({ code, scope, metadata }: Challenged): string | undefined {
  const error = ERRORS_OF_TOKENS[code];
  if (error === undefined) return undefined;
  const members = [
    'realm="chancery"',
    ...(metadata === undefined ? [] : [`resource_metadata="${metadata}"`]),
    ...(error === null ? [] : [`error="${error}"`]),
    ...(scope === null || error === 'invalid_token' ? [] : [`scope="${scope}"`]),
  ];
  return `Bearer ${members.join(', ')}`;
}

/** RFC 6750 §3.1; who brought no token is told of no error. */
const ERRORS_OF_TOKENS: Readonly<Partial<Record<ErrorCode, string | null>>> = {
  AUTH_REQUIRED: null,
  INVALID_TOKEN: 'invalid_token',
  INSUFFICIENT_SCOPE: 'insufficient_scope',
};
