/** The sentinel of the one-machine system: it reads on where it stopped, over restarts too. */
import { createHmac } from 'node:crypto';
import type { SqliteTable } from '../adapters/local/sqlite-table.ts';
import { type SentinelDeps, watch } from '../src/ledger/check/sentinel.ts';
import type { Table } from '../src/ports.ts';

export interface LocalSentinelDeps extends SentinelDeps {
  readonly store: Pick<SqliteTable, 'changesAfter'>;
  /** Where it remembers how far it is. */
  readonly state: Pick<Table, 'get' | 'merge'>;
  /** Seals that: whoever writes to the store could else have it pass over what they did. */
  readonly key: Uint8Array;
}

const MARK = ['SENTINEL', 'local'] as const;

/** One round: everything that was done to ledger items since the last. A crash in it repeats alarms, and loses none. */
export function localSentinel(deps: LocalSentinelDeps): () => Promise<void> {
  let position: number | undefined;
  return async () => {
    position ??= await lastSeen(deps);
    for (;;) {
      const found = await deps.store.changesAfter(position);
      const last = found.at(-1);
      if (last === undefined) return;
      for (const { change } of found) await watch(deps, change);
      const mark = { position: last.position, seal: sealOf(deps.key, last.position) };
      await deps.state.merge(...MARK, mark);
      position = last.position;
    }
  };
}

/** How far an earlier process was. What bears no seal of ours, or points at nothing, has everything looked at again. */
async function lastSeen({ state, store, key }: LocalSentinelDeps): Promise<number> {
  const mark = await state.get(...MARK);
  const position = Number(mark?.position ?? 0);
  if (position < 1 || mark?.seal !== sealOf(key, position)) return 0;
  const [there] = await store.changesAfter(position - 1);
  return there?.position === position ? position : 0;
}

const sealOf = (key: Uint8Array, position: number): string =>
  createHmac('sha256', key).update(`sentinel up to ${position}`).digest('hex');
