/**
 * The claims that Chancery reads, parsed once after the signature has verified: from where the issuer puts them to
 * where everything else finds them. All others are dropped.
 */
import * as z from 'zod';
import type { PrincipalKind } from '../terms.ts';
import { isSub } from './issuers.ts';
import { type ClaimMapping, type ClaimPath, claimAt, PRESETS } from './mapping.ts';

const text = z.string().max(1024);
const time = z.number();

/** What every issuer calls the same (RFC 7519, RFC 8693, RFC 8176). */
const registered = z.object({
  iss: text,
  sub: z.string().refine(isSub),
  exp: time,
  nbf: time.optional(),
  iat: time.optional(),
  actor_type: text.optional(),
  // Walked level by level in principal.ts: a recursive schema would follow a hostile depth.
  act: z.unknown().optional(),
  amr: z.array(text).max(20).optional(),
  auth_time: time.optional(),
});

export interface Claims extends Readonly<z.infer<typeof registered>> {
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly kind?: PrincipalKind;
  readonly name?: string;
  readonly email?: string;
  readonly session?: string;
  /** The subject itself is a person, though perhaps an agent acts for them. */
  readonly person: boolean;
}

/** A claim that is there and is not what it has to be. */
class WrongClaim extends Error {
  readonly claim: string;

  constructor(path: ClaimPath) {
    super(path);
    this.claim = path;
  }
}

type Payload = Readonly<Record<string, unknown>>;
export type ParsedClaims =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly claim: string };

/** The claims, frozen, or the name of the first one that is missing or of the wrong type. */
export function parseClaims(payload: Payload, mapping: ClaimMapping = PRESETS.plain): ParsedClaims {
  const parsed = registered.safeParse(payload);
  if (!parsed.success) return { ok: false, claim: String(parsed.error.issues[0]?.path[0] ?? 'payload') };
  try {
    return { ok: true, claims: Object.freeze({ ...parsed.data, ...mapped(payload, mapping) }) };
  } catch (error) {
    if (error instanceof WrongClaim) return { ok: false, claim: error.claim };
    throw error;
  }
}

/** Whom the token is meant for; undefined when a claim that says so is of the wrong type. */
export function audienceOf(payload: Payload, mapping: ClaimMapping): readonly string[] | { claim: string } {
  try {
    return mapping.audience.flatMap((path) => listOf(payload, path, (one) => [one]));
  } catch (error) {
    if (error instanceof WrongClaim) return { claim: error.claim };
    throw error;
  }
}

function mapped(payload: Payload, mapping: ClaimMapping): Omit<Claims, keyof z.infer<typeof registered>> {
  const { scopePrefix: prefix = '' } = mapping;
  const scopes = mapping.scopes
    .flatMap((path) => scopesAt(payload, path, mapping.scopeLists))
    .map((scope) => (scope.startsWith(prefix) ? scope.slice(prefix.length) : scope));
  const kind = kindAt(payload, mapping.kind);
  const rest = {
    name: firstText(payload, mapping.name),
    email: firstText(payload, mapping.email),
    session: firstText(payload, mapping.session),
  };
  return {
    roles: mapping.roles.flatMap((path) => listOf(payload, path, words)),
    scopes,
    person: kind === undefined ? mapping.person(payload) : kind === 'human',
    ...(kind === undefined ? {} : { kind }),
    ...(rest.name === undefined ? {} : { name: rest.name }),
    ...(rest.email === undefined ? {} : { email: rest.email }),
    ...(rest.session === undefined ? {} : { session: rest.session }),
  };
}

const LONGEST_LIST = 200;
const words = (value: string): string[] => value.split(' ').filter((word) => word !== '');

/** @param ofText what one text stands for, where a list of texts could be as well */
function listOf(payload: Payload, path: ClaimPath, ofText: (value: string) => string[]): string[] {
  const value = claimAt(payload, path);
  if (value === undefined) return [];
  if (typeof value === 'string' && value.length <= 8192) return ofText(value);
  if (!Array.isArray(value) || value.length > LONGEST_LIST) throw new WrongClaim(path);
  return value.map((one) => {
    if (typeof one !== 'string' || one.length > 1024) throw new WrongClaim(path);
    return one;
  });
}

function scopesAt(payload: Payload, path: ClaimPath, lists: readonly string[]): string[] {
  if (typeof claimAt(payload, path) !== 'string' && !lists.includes(path)) {
    if (claimAt(payload, path) === undefined) return [];
    throw new WrongClaim(path);
  }
  return listOf(payload, path, words);
}

/** The first that is there. One that is there and no text is refused, also behind another. */
function firstText(payload: Payload, paths: readonly ClaimPath[]): string | undefined {
  const found = paths.map((path) => {
    const value = claimAt(payload, path);
    if (value !== undefined && (typeof value !== 'string' || value.length > 1024)) throw new WrongClaim(path);
    return value;
  });
  return found.find((value) => value !== undefined);
}

function kindAt(payload: Payload, paths: readonly ClaimPath[]): PrincipalKind | undefined {
  const value = firstText(payload, paths);
  if (value === undefined || value === 'human' || value === 'agent' || value === 'service') return value;
  throw new WrongClaim(paths[0] ?? 'kind');
}
