/**
 * The claims that Chancery reads, parsed once after the signature has verified. All others are dropped.
 */
import * as z from 'zod';
import { PRINCIPAL_KINDS } from '../terms.ts';

const text = z.string().max(1024);
const words = z.union([text, z.array(text).max(200)]);

const schema = z.object({
  iss: text,
  sub: text.min(1),
  exp: z.number(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
  jti: text.optional(),
  sid: text.optional(),
  client_id: text.optional(),
  azp: text.optional(),
  scope: words.optional(),
  scp: words.optional(),
  roles: words.optional(),
  kind: z.enum(PRINCIPAL_KINDS).optional(),
  actor_type: text.optional(),
  name: text.optional(),
  email: text.optional(),
  // Walked level by level in principal.ts: a recursive schema would follow a hostile depth.
  act: z.unknown().optional(),
  amr: z.array(text).max(20).optional(),
  auth_time: z.number().optional(),
});

export type Claims = Readonly<z.infer<typeof schema>>;

/** The claims, frozen, or the name of the first one that is missing or of the wrong type. */
export function parseClaims(payload: unknown): { ok: true; claims: Claims } | { ok: false; claim: string } {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return { ok: true, claims: Object.freeze(parsed.data) };
  return { ok: false, claim: String(parsed.error.issues[0]?.path[0] ?? 'payload') };
}
