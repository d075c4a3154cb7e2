/** A view of what the server lists: a filter, rows, what is chosen of them. Lists that wait for people ask again by themselves. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useEvery, useLoad } from './load.ts';
import { Awaited, Choice, type Column, Table } from './parts.tsx';
import { href } from './route.ts';
import { Split } from './split.tsx';

const AGAIN_MS = 10_000;

export function ListView<T>(props: {
  readonly view: string;
  readonly caption: string;
  readonly chosen: string | undefined;
  readonly filter?: { readonly label: string; readonly options: readonly string[]; readonly first: string };
  readonly ask: (filter: string) => Promise<readonly T[]>;
  readonly rowKey: (row: T) => string;
  readonly columns: readonly Column<T>[];
  readonly nothing: string;
  readonly detail: (id: string, known: T | undefined, reload: () => void) => ComponentChildren;
}) {
  const { view, caption, chosen, filter, ask, rowKey, columns, nothing, detail } = props;
  const [wanted, setWanted] = useState(filter?.first ?? '');
  const list = useLoad(`${view} ${wanted}`, () => ask(wanted));
  useEvery(AGAIN_MS, false, list.reload);
  return (
    <>
      {filter === undefined ? null : (
        <div class="toolbar">
          <Choice label={filter.label} options={filter.options} value={wanted} onChange={setWanted} />
        </div>
      )}
      <Split
        view={view}
        chosen={chosen}
        list={
          <Awaited {...list} empty={(rows) => (rows.length === 0 ? nothing : undefined)}>
            {(rows) => (
              <Table
                caption={caption}
                rows={rows}
                columns={columns}
                rowKey={rowKey}
                href={(row) => href(view, rowKey(row))}
                chosen={chosen}
              />
            )}
          </Awaited>
        }
      >
        {chosen === undefined
          ? null
          : detail(
              chosen,
              list.data?.find((row) => rowKey(row) === chosen),
              list.reload,
            )}
      </Split>
    </>
  );
}
