/** Live decisions: what was decided as it is decided, and why. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Problem, query } from '../app/api.ts';
import { useApi } from '../app/context.ts';
import { problemIn, useEvery, useLoad } from '../app/load.ts';
import { Awaited, Badge, Choice, ProblemNote, Table } from '../app/parts.tsx';
import { href } from '../app/route.ts';
import { type Entry, entries, entry } from '../app/shapes.ts';
import { Split } from '../app/split.tsx';
import { clockTime, visible } from '../app/text.ts';
import { decided, joined } from './decided.ts';
import { Why } from './why.tsx';

/** While there is no feed. */
const POLL_MS = 3_000;
const GATHER_MS = 100;
const OUTCOMES = ['', 'allow', 'deny', 'require_approval', 'rejected'];

/** The newest decisions, and those that come while the page is seen. */
function useLive(outcome: string, paused: boolean) {
  const api = useApi();
  const [list, setList] = useState<readonly Entry[]>();
  const [news, setNews] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const question = useRef(outcome);
  const busy = useRef(false);
  const [live, setLive] = useState(false);
  const come = useRef<Entry[]>([]);

  function add(fresh: readonly Entry[], announced: boolean): void {
    setList((known = []) => {
      const next = joined(fresh, known);
      const count = next.filter(({ id }) => !known.some((each) => each.id === id)).length;
      if (announced && count > 0)
        setNews(`${count} new at ${clockTime(new Date().toISOString(), Date.now())}.`);
      return next;
    });
  }

  async function ask(from?: string): Promise<void> {
    const wanted = { type: 'decision.*', outcome, from, limit: 100 };
    const page = await api.get(query('/ledger/entries', wanted), entries);
    if (question.current !== outcome) return;
    setProblem(undefined);
    add(page.entries, from !== undefined);
  }
  const safely = (asked: Promise<void>) =>
    asked
      .catch((error: unknown) => setProblem(problemIn(error)))
      .finally(() => {
        busy.current = false;
      });

  useEffect(() => {
    question.current = outcome;
    setList(undefined);
    setNews('Live.');
    safely(ask());
  }, [outcome]);
  function askOn(): void {
    if (busy.current) return;
    busy.current = true;
    safely(ask(list?.[0]?.record.time));
  }
  useEffect(() => {
    if (paused) return;
    return api.listen('decision.*', {
      told: (entry) => {
        if (question.current !== '' && entry.record.data.outcome !== question.current) return;
        // Many at once are drawn once.
        if (come.current.push(entry) === 1) setTimeout(() => add(come.current.splice(0), true), GATHER_MS);
      },
      live: setLive,
    });
  }, [api, paused]);
  // What came before the feed began, or while it was away, is asked for.
  useEffect(() => {
    if (live && list !== undefined) askOn();
  }, [live]);
  useEvery(POLL_MS, paused || live, askOn);
  return { list, news, problem };
}

export function Decisions({ chosen }: { readonly chosen?: string | undefined }) {
  const [outcome, setOutcome] = useState('');
  const [paused, setPaused] = useState(false);
  const { list, news, problem } = useLive(outcome, paused);
  const rows = useMemo(() => decided(list ?? []), [list]);
  const now = Date.now();
  return (
    <>
      <div class="toolbar">
        <Choice label="Outcome" options={OUTCOMES} value={outcome} onChange={setOutcome} />
        <button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          Pause
        </button>
        <output class="quiet">{paused ? 'Paused.' : news}</output>
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      <Split
        view="decisions"
        chosen={chosen}
        list={
          rows.length > 0 ? (
            <Table
              caption="Decisions, newest first"
              rows={rows}
              rowKey={(row) => row.entry.id}
              href={(row) => href('decisions', row.entry.id)}
              chosen={chosen}
              columns={[
                { head: 'Time', cell: (row) => clockTime(row.entry.record.time, now) },
                { head: 'Outcome', cell: (row) => <Badge word={row.decision.outcome} /> },
                { head: 'What', cell: (row) => visible(row.what) },
                { head: 'Mode', cell: (row) => row.decision.drag_mode, wide: true },
                { head: 'Risk', cell: (row) => row.decision.risk_level, wide: true },
                { head: 'Because', cell: (row) => visible(row.because.replaceAll('_', ' ')), wide: true },
              ]}
            />
          ) : problem === undefined ? (
            <p class="empty">{list === undefined ? 'Loading…' : 'No decision of this kind yet.'}</p>
          ) : null
        }
      >
        {chosen === undefined ? null : <Chosen id={chosen} known={list?.find(({ id }) => id === chosen)} />}
      </Split>
    </>
  );
}

/** One decision, also where it is not among those that the list shows. */
function Chosen({ id, known }: { readonly id: string; readonly known: Entry | undefined }) {
  const api = useApi();
  const asked = useLoad(
    known === undefined ? id : '',
    async () => known ?? (await api.get(`/ledger/entries/${encodeURIComponent(id)}`, entry)),
  );
  return (
    <Awaited data={known ?? asked.data} problem={known === undefined ? asked.problem : undefined}>
      {(found) => {
        const [row] = decided([found]);
        return row === undefined ? <p class="empty">Entry {id} is no decision.</p> : <Why of={row} />;
      }}
    </Awaited>
  );
}
