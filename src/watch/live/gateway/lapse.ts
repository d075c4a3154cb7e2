/** Whether somebody may still listen, from what is kept of their connection: no token is. */
import { sanctionsOf } from '../../../decision/standing.ts';
import type { Justifier } from '../../../ledger/justified.ts';
import type { Clock, Item } from '../../../ports.ts';
import type { Lapse } from '../visitor.ts';
import type { KeptConnection } from './roster.ts';

export interface LapseDeps {
  /** The genuine record behind a connection: whoever can only write to the table connects nobody. */
  readonly justifier: Pick<Justifier, 'read'>;
  readonly rolesSuffice: (roles: readonly string[]) => boolean;
  /** What is kept of a principal. Throws STORE_UNAVAILABLE. */
  readonly standingOf: (pseudonym: string) => Promise<Item | undefined>;
  readonly clock: Clock;
}

/** The same word for the same connection as a desk would give that has its token. Throws STORE_UNAVAILABLE. */
export async function lapseOf(deps: LapseDeps, kept: KeptConnection): Promise<Lapse | undefined> {
  const now = deps.clock();
  if (now >= kept.expires_at) return { ending: 'token_over', reason: 'the token has expired' };
  if (!(await isOnRecord(deps, kept)))
    return { ending: 'not_allowed', reason: 'no record tells of this connection' };
  if (kept.by_roles && !deps.rolesSuffice(kept.roles))
    return { ending: 'not_allowed', reason: 'its roles do not hold the scope any more' };
  const standing = await deps.standingOf(kept.pseudonym);
  const sanctions = sanctionsOf(standing ?? NO_STANDING, now);
  if (!sanctions.readable) return undefined;
  const [against] = sanctions.active.filter(({ kind }) => kind === 'revocation' || kind === 'ban');
  return against && { ending: 'not_allowed', reason: `the principal is under ${against.kind}` };
}

const NO_STANDING: Item = { pk: '', sk: '' };

async function isOnRecord({ justifier }: LapseDeps, kept: KeptConnection): Promise<boolean> {
  const found = kept.record === undefined ? undefined : await justifier.read(kept.record);
  return (
    found?.record.type === 'ws.connect' &&
    found.record.subject === kept.pseudonym &&
    found.record.meta?.connection_id === kept.connection_id
  );
}
