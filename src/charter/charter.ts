/** A charter: a parsed, checked and prepared bundle. Immutable; a new version is a new value. */
import type { Documents } from './documents.ts';
import type { PolicyEngine } from './engine.ts';
import type { Policy } from './policies.ts';
import type { CharterSchema } from './schema.ts';

export type Role = Documents['roles.yaml']['roles'][string];

export interface Charter {
  readonly name: string;
  readonly version: string;
  readonly status: Documents['charter.yaml']['status'];
  /** Hex SHA-256 over the canonical content: comments, order of keys and layout do not change it. */
  readonly digest: string;
  readonly documents: Documents;
  readonly policies: readonly Policy[];
  readonly schema: CharterSchema;
  readonly engine: PolicyEngine;
  readonly roles: ReadonlyMap<string, Role>;
  /** The bundle as it came, tests excluded: what activation stores. */
  readonly files: ReadonlyMap<string, string>;
}

/** The scopes that roles give under this charter, once for each role that gives them. Roles that it does not know give none. */
export function scopesOfRoles(charter: Charter): (roles: readonly string[]) => readonly string[] {
  return (roles) => roles.flatMap((role) => charter.roles.get(role)?.scopes ?? []);
}
