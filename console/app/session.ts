/** Who is signed in: a token, kept in this tab alone (`sessionStorage`) and gone with it. */

export interface Session {
  readonly token: string;
  /** As the token itself says: to be shown, never to be relied on. The API judges the token. */
  readonly claims: {
    readonly sub: string;
    readonly name?: string;
    readonly roles: readonly string[];
    readonly expires?: number;
  };
}

const KEY = 'chancery.token';

/** Undefined for text that is no JWT. */
export function readToken(token: string): Session | undefined {
  const trimmed = token.trim();
  const [, payload = '', signature] = trimmed.split('.');
  const claims = signature === undefined ? undefined : claimsOf(payload);
  if (claims === undefined || typeof claims.sub !== 'string') return undefined;
  const { sub, name, roles, exp } = claims;
  return {
    token: trimmed,
    claims: {
      sub,
      roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof exp === 'number' ? { expires: exp * 1000 } : {}),
    },
  };
}

/** The claims of a JWT's middle part, unverified. */
export function claimsOf(payload: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    );
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

export const keptSession = (): Session | undefined => readToken(sessionStorage.getItem(KEY) ?? '');
export const keep = ({ token }: Session): void => sessionStorage.setItem(KEY, token);
export const forget = (): void => sessionStorage.removeItem(KEY);
