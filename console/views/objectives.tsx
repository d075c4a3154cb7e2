/** Service levels: what is promised, what was measured, and what is left of the error budget. */
import { useApi } from '../app/context.ts';
import { ListView } from '../app/list-view.tsx';
import { Badge, Card, Facts } from '../app/parts.tsx';
import { type Objective, objectives } from '../app/shapes.ts';
import { duration, percent, visible } from '../app/text.ts';

const inUnit = ({ measure }: Objective, value: number): string =>
  measure === 'seconds' ? `${Number(value.toPrecision(3))} s` : percent(value);

export function Objectives({ chosen }: { readonly chosen?: string | undefined }) {
  const api = useApi();
  return (
    <ListView
      view="slos"
      caption="Service levels"
      chosen={chosen}
      ask={async () => (await api.get('/slos', objectives)).slos}
      rowKey={(each) => each.id}
      nothing="There are no service levels."
      columns={[
        { head: 'Objective', cell: (each) => visible(each.title) },
        { head: 'State', cell: (each) => <Badge word={each.status} /> },
        {
          head: 'Measured',
          cell: (each) => (each.value === null ? '–' : inUnit(each, each.value)),
          wide: true,
        },
        { head: 'Budget left', cell: (each) => <Budget of={each} />, wide: true },
      ]}
      detail={(id, known) =>
        known === undefined ? <p class="empty">There is no {visible(id)}.</p> : <One of={known} />
      }
    />
  );
}

const Budget = ({ of: { budget_left, title } }: { readonly of: Objective }) =>
  budget_left === null ? (
    <>–</>
  ) : (
    <span class="budget">
      <meter
        aria-label={`Budget left of ${title}`}
        min={0}
        low={0.25}
        high={0.5}
        optimum={1}
        max={1}
        value={Math.max(0, budget_left)}
      />{' '}
      {budget_left < 0 ? 'overspent' : percent(budget_left)}
    </span>
  );

const One = ({ of }: { readonly of: Objective }) => (
  <Card title={visible(of.title)}>
    <p>{visible(of.description)}</p>
    <Facts
      of={{
        State: <Badge word={of.status} />,
        Promised: `${of.direction === 'at_least' ? 'at least' : 'at most'} ${inUnit(of, of.target)}`,
        Measured: of.value === null ? 'nothing yet' : inUnit(of, of.value),
        Window: `${of.window_days} days, of which ${duration(of.observed_seconds * 1000)} are observed`,
        Events: `${of.total}, of which ${of.bad} bad`,
        'Least samples': String(of.min_samples),
        'Budget left': <Budget of={of} />,
        'Burn rate, last hour':
          of.burn_rate === null ? undefined : `${of.burn_rate.toFixed(2)} times what the window can bear`,
      }}
    />
  </Card>
);
