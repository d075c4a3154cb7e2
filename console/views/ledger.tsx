/** The ledger: every record, found by what is known of it, and each verified in this browser. */
import { useState } from 'preact/hooks';
import { type Problem, query } from '../app/api.ts';
import { useApi } from '../app/context.ts';
import { problemIn, useLoad } from '../app/load.ts';
import { Awaited, Digest, Field, ProblemNote, Table } from '../app/parts.tsx';
import { href } from '../app/route.ts';
import { type Entry, entries, entry } from '../app/shapes.ts';
import { Split } from '../app/split.tsx';
import { clockTime, visible } from '../app/text.ts';
import { EntryPage } from './entry.tsx';

const NOTHING = { type: '', trace: '', subject: '', workflow: '', from: '' };

export function Ledger({ chosen }: { readonly chosen?: string | undefined }) {
  const api = useApi();
  const [filter, setFilter] = useState(NOTHING);
  const [draft, setDraft] = useState(NOTHING);
  const [more, setMore] = useState<{ of: string; list: readonly Entry[]; next?: string | undefined }>();
  const [problem, setProblem] = useState<Problem>();
  const key = JSON.stringify(filter);
  const ask = (cursor?: string) =>
    api.get(query('/ledger/entries', { ...filter, cursor, limit: 50 }), entries);
  const first = useLoad(key, () => ask());
  const further = more?.of === key ? more : undefined;
  const next = further === undefined ? first.data?.next : further.next;
  const goOn = async () => {
    try {
      const page = await ask(next);
      setMore({ of: key, list: [...(further?.list ?? []), ...page.entries], next: page.next });
    } catch (error) {
      setProblem(problemIn(error));
    }
  };
  const set =
    (name: keyof typeof NOTHING) => (event: { readonly currentTarget: { readonly value: string } }) =>
      setDraft({ ...draft, [name]: event.currentTarget.value.trim() });
  const now = Date.now();
  return (
    <Split
      view="ledger"
      chosen={chosen}
      list={
        <>
          <search>
            <form
              class="toolbar"
              aria-label="Records"
              onSubmit={(event) => {
                event.preventDefault();
                setFilter(draft);
                first.reload();
              }}
            >
              <Field label="Type" value={draft.type} placeholder="decision.*" onInput={set('type')} />
              <Field label="Workflow" value={draft.workflow} onInput={set('workflow')} />
              <Field label="Trace" value={draft.trace} onInput={set('trace')} />
              <Field label="Subject" value={draft.subject} onInput={set('subject')} />
              <button type="submit">Search</button>
            </form>
          </search>
          <Awaited
            {...first}
            empty={({ entries: list, next: rest }) =>
              list.length === 0 && rest === undefined ? 'No record matches.' : undefined
            }
          >
            {(page) => (
              <Table
                caption="Records, newest first"
                rows={[...page.entries, ...(further?.list ?? [])]}
                rowKey={({ id }) => id}
                href={({ id }) => href('ledger', id)}
                chosen={chosen}
                columns={[
                  { head: 'Entry', cell: ({ id }) => id },
                  { head: 'Time', cell: ({ record }) => clockTime(record.time, now) },
                  { head: 'Type', cell: ({ record }) => visible(record.type) },
                  {
                    head: 'Subject',
                    cell: ({ record }) => record.subject && <Digest text={record.subject} length={8} />,
                    wide: true,
                  },
                ]}
              />
            )}
          </Awaited>
          {problem === undefined ? null : <ProblemNote problem={problem} />}
          {next === undefined ? null : (
            <button type="button" onClick={goOn}>
              Older records
            </button>
          )}
        </>
      }
    >
      {chosen === undefined ? null : <Chosen key={chosen} id={chosen} />}
    </Split>
  );
}

function Chosen({ id }: { readonly id: string }) {
  const api = useApi();
  const found = useLoad(id, () => api.get(`/ledger/entries/${encodeURIComponent(id)}`, entry));
  return <Awaited {...found}>{(shown) => <EntryPage shown={shown} />}</Awaited>;
}
