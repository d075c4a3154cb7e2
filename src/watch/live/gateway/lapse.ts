/** Whether somebody may still listen, from what is kept of their connection: no token is. */
import type { Justifier } from '../../../ledger/justified.ts';
import type { Clock } from '../../../ports.ts';
import type { SanctionKind } from '../../../terms.ts';
import type { Lapse } from '../visitor.ts';
import type { KeptConnection } from './roster.ts';

export interface LapseDeps {
  /** The genuine record behind a connection: whoever can only write to the table connects nobody. */
  readonly justifier: Pick<Justifier, 'read'>;
  readonly rolesSuffice: (roles: readonly string[]) => boolean;
  /** The sanctions that a principal is under now; undefined where they cannot be read. Throws STORE_UNAVAILABLE. */
  readonly sanctionsOf: (pseudonym: string) => Promise<readonly SanctionKind[] | undefined>;
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
  const sanctions = await deps.sanctionsOf(kept.pseudonym);
  const against = sanctions?.find((kind) => kind === 'revocation' || kind === 'ban');
  return against && { ending: 'not_allowed', reason: `the principal is under ${against}` };
}

async function isOnRecord({ justifier }: LapseDeps, kept: KeptConnection): Promise<boolean> {
  const found = kept.record === undefined ? undefined : await justifier.read(kept.record);
  return (
    found?.record.type === 'ws.connect' &&
    found.record.subject === kept.pseudonym &&
    found.record.meta?.connection_id === kept.connection_id
  );
}
