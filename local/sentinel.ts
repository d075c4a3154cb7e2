/** The sentinel of the one-machine system: it reads on where it stopped, over restarts too. */
import type { SqliteTable } from '../adapters/local/sqlite-table.ts';
import { type SentinelDeps, watch } from '../src/ledger/check/sentinel.ts';
import type { Table } from '../src/ports.ts';

export interface LocalSentinelDeps extends SentinelDeps {
  readonly store: Pick<SqliteTable, 'changesAfter'>;
  /** Where it remembers how far it is. */
  readonly state: Pick<Table, 'get' | 'merge'>;
}

const MARK = ['SENTINEL', 'local'] as const;

/** One round: everything that was done to ledger items since the last. A crash in it repeats alarms, and loses none. */
export function localSentinel(deps: LocalSentinelDeps): () => Promise<void> {
  let position: number | undefined;
  return async () => {
    position ??= Number((await deps.state.get(...MARK))?.position ?? 0);
    for (;;) {
      const found = await deps.store.changesAfter(position);
      const last = found.at(-1);
      if (last === undefined) return;
      for (const { change } of found) await watch(deps, change);
      await deps.state.merge(...MARK, { position: last.position });
      position = last.position;
    }
  };
}
