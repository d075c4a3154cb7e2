/**
 * The keys that this browser believes, and the last tree head that it verified under them. Both are kept, so that the server whose
 * ledger is verified cannot change the keys, or take history back, without being found out.
 */
import * as z from 'zod/mini';
import { fromBase64, hex, sha256, utf8 } from '../../client/verify/bytes.ts';
import type { Trust } from '../../client/verify/note.ts';
import type { TreeHead } from '../../client/verify/tree.ts';
import type { Api } from './api.ts';
import { trust as trustShape } from './shapes.ts';

const KEYS = 'chancery.trust';
const HEAD = 'chancery.head';

const kept = z.object({ trust: trustShape, since: z.string() });
const keptHead = z.object({ origin: z.string(), size: z.number(), root: z.string() });

export interface Believed {
  readonly trust: Trust;
  /** When this browser first saw them. */
  readonly since: string;
  /** SHA-256 of the keys, to be compared with what is on paper. */
  readonly fingerprint: string;
  /** What the server says by now, where it is something else. */
  readonly offered?: Trust;
}

function stored<S extends z.ZodMiniType>(key: string, shape: S): z.infer<S> | undefined {
  try {
    return shape.safeParse(JSON.parse(localStorage.getItem(key) ?? 'null')).data;
  } catch {
    return undefined;
  }
}

const store = (key: string, value: unknown): void => localStorage.setItem(key, JSON.stringify(value));

const text = ({ origin, authorities, log_keys }: Trust): string =>
  JSON.stringify([origin, authorities, log_keys]);

export async function believedKeys(api: Pick<Api, 'get'>, now: number): Promise<Believed> {
  const offered = await api.get('/ledger/trust', trustShape);
  const known = stored(KEYS, kept) ?? believe(offered, now);
  const fingerprint = hex(await sha256(utf8(text(known.trust))));
  return { ...known, fingerprint, ...(text(known.trust) === text(offered) ? {} : { offered }) };
}

/** From now on these are the keys. What was verified under others counts no more. */
export function believe(trust: Trust, now: number): { readonly trust: Trust; readonly since: string } {
  const fresh = { trust, since: new Date(now).toISOString() };
  store(KEYS, fresh);
  localStorage.removeItem(HEAD);
  return fresh;
}

export function seenHead({ origin }: Trust): TreeHead | undefined {
  const head = stored(HEAD, keptHead);
  const root = head?.origin === origin ? fromBase64(head.root) : undefined;
  return head === undefined || root === undefined ? undefined : { size: head.size, root };
}

/** Only ever a larger one. */
export function rememberHead({ origin }: Trust, head: TreeHead): void {
  if ((seenHead({ origin, authorities: [], log_keys: [] })?.size ?? 0) >= head.size) return;
  store(HEAD, { origin, size: head.size, root: btoa(String.fromCharCode(...head.root)) });
}
