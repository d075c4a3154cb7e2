/** Decisions in figures: when, how they came out, of what, and why not. Counted in this browser out of the ledger. */
import { useState } from 'preact/hooks';
import { query } from '../app/api.ts';
import { Chart } from '../app/chart.tsx';
import { useApi } from '../app/context.ts';
import { useEvery, useLoad } from '../app/load.ts';
import { Awaited, Card, Choice } from '../app/parts.tsx';
import { entries } from '../app/shapes.ts';
import { visible } from '../app/text.ts';
import { type Decided, decided } from './decided.ts';
import { type Bar, overTime, ranked, stepFor } from './figures.ts';

const SPANS: Readonly<Record<string, number>> = {
  'last hour': 3_600,
  'last day': 86_400,
  'last week': 604_800,
};
const AGAIN_MS = 15_000;
const MOST = 1_000;

export function Charts() {
  const api = useApi();
  const [span, setSpan] = useState('last hour');
  const asked = useLoad(span, async () => {
    const from = new Date(Date.now() - (SPANS[span] ?? 3_600) * 1000).toISOString();
    const page = await api.get(query('/ledger/entries', { type: 'decision.*', from, limit: MOST }), entries);
    return { rows: decided(page.entries), more: page.next !== undefined };
  });
  useEvery(AGAIN_MS, false, asked.reload);
  return (
    <>
      <div class="toolbar">
        <Choice label="Time" options={Object.keys(SPANS)} value={span} onChange={setSpan} />
        {asked.data?.more ? <p class="quiet">The newest {MOST} decisions of it.</p> : null}
      </div>
      <Awaited
        {...asked}
        empty={({ rows }) => (rows.length === 0 ? 'Nothing was decided in this time.' : undefined)}
      >
        {({ rows }) => <Figures rows={rows} />}
      </Awaited>
    </>
  );
}

function Figures({ rows }: { readonly rows: readonly Decided[] }) {
  const times = rows.map(({ entry }) => Date.parse(entry.record.time) / 1000);
  const step = stepFor(Math.max(...times) - Math.min(...times));
  const refused = rows.filter(({ decision }) => decision.outcome !== 'allow');
  return (
    <div class="cards">
      <Card title="Decisions over time">
        <Chart of={overTime(rows, step)} />
      </Card>
      <Bars title="How they came out" bars={ranked(rows.map(({ decision }) => decision.outcome))} />
      <Bars title="Of what" bars={ranked(rows.map(({ what }) => what))} />
      <Bars title="Why not" bars={ranked(refused.map(({ because }) => because))} />
    </div>
  );
}

/** A table that is its own chart: the figure stands beside its bar. */
const Bars = ({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }) => (
  <Card title={title}>
    <table class="bars">
      <caption class="unseen">{title}</caption>
      <tbody>
        {bars.map(({ name, count }) => (
          <tr key={name}>
            <th scope="row">{visible(name.replaceAll('_', ' '))}</th>
            <td>
              <progress aria-label={`${name}: ${count}`} value={count} max={bars[0]?.count ?? 1} />
            </td>
            <td class="number">{count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Card>
);
