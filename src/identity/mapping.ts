/**
 * Where the tokens of an issuer carry what we need to know. Providers agree on little beyond RFC 7519: each has a
 * preset, and what an installation does otherwise its settings say, claim by claim.
 */

/**
 * One claim: first taken as a name as it stands (`cognito:groups`, `https://example.org/roles`), then as a path with
 * dots (`realm_access.roles`).
 */
export type ClaimPath = string;

export const MAPPED = ['roles', 'scopes', 'kind', 'name', 'email', 'audience', 'session'] as const;
export type Mapped = (typeof MAPPED)[number];

/** Of `roles`, `scopes` and `audience` all paths count together, of the others the first that is there. */
export interface ClaimMapping extends Readonly<Record<Mapped, readonly ClaimPath[]>> {
  /** Taken off the front of scopes that begin with it. */
  readonly scopePrefix?: string;
  /** Where scopes may come as a list; elsewhere they are one text with blanks (RFC 8693 §4.2). */
  readonly scopeLists: readonly string[];
  /** Only `typ: at+jwt` (RFC 9068 §4). */
  readonly requireAccessTokenType?: boolean;
  /** Whether a token that names no kind is a person's. */
  readonly person: (payload: Readonly<Record<string, unknown>>) => boolean;
}

const client = ['client_id', 'azp', 'appid', 'cid'] as const;

/** Somebody signed in, and it is not the client on its own behalf. */
const signedIn: ClaimMapping['person'] = (payload) =>
  !client.some((name) => payload[name] !== undefined && payload[name] === payload.sub) &&
  (payload.auth_time !== undefined || payload.amr !== undefined);

const PLAIN: ClaimMapping = {
  roles: ['roles'],
  scopes: ['scope', 'scp'],
  scopeLists: ['scp'],
  kind: ['kind'],
  name: ['name'],
  email: ['email'],
  audience: ['aud'],
  session: ['sid', 'jti'],
  person: signedIn,
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Each with its page under docs/identity/, which links the provider's own description of its tokens. */
export const PRESETS = {
  /** What an issuer is taken for that has no preset: standard claims, and ours (`roles`, `kind`). */
  plain: PLAIN,
  /** RFC 9068, and nothing beside it. */
  rfc9068: { ...PLAIN, scopes: ['scope'], requireAccessTokenType: true },
  /** Access tokens: no `aud`, groups, scopes as `resource/scope`. */
  cognito: {
    ...PLAIN,
    roles: ['cognito:groups'],
    scopes: ['scope'],
    kind: [],
    name: ['name', 'username'],
    audience: ['client_id'],
    session: ['origin_jti', 'jti'],
  },
  keycloak: {
    ...PLAIN,
    roles: ['realm_access.roles'],
    scopes: ['scope'],
    kind: [],
    // Keycloak names the user of a client's own service account so.
    person: ({ preferred_username }) =>
      text(preferred_username) !== '' && !text(preferred_username).startsWith('service-account-'),
  },
  /** v1 (`sts.windows.net`) and v2 (`login.microsoftonline.com`): only tokens got for a user have `scp`. */
  entra: {
    ...PLAIN,
    scopes: ['scp'],
    scopeLists: [],
    kind: [],
    email: ['email', 'preferred_username', 'upn'],
    session: ['sid', 'uti'],
    person: ({ scp, idtyp }) => text(scp) !== '' && idtyp !== 'app',
  },
  /** `uid` is the user's id and `cid` the client's: a client's own token has no `uid`. */
  okta: {
    ...PLAIN,
    roles: ['groups'],
    scopes: ['scp'],
    kind: [],
    person: ({ uid, cid, sub }) => text(uid) !== '' && cid !== sub,
  },
  /** Permissions are the scopes that a user or client was given for the API. */
  auth0: {
    ...PLAIN,
    roles: ['roles', 'groups'],
    scopes: ['scope', 'permissions'],
    scopeLists: ['permissions'],
    kind: [],
    person: ({ gty, sub }) => gty !== 'client-credentials' && !text(sub).endsWith('@clients'),
  },
} as const satisfies Record<string, ClaimMapping>;

export type Preset = keyof typeof PRESETS;

/** The claim at a path: own members only, so that no token reaches what every object has. */
export function claimAt(payload: Readonly<Record<string, unknown>>, path: ClaimPath): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let value: unknown = payload;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}
