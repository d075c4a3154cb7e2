/** Cases: what was reported or seen, what it rests on, and each step that a person may take. */
import { query } from '../app/api.ts';
import { useApi } from '../app/context.ts';
import { ListView } from '../app/list-view.tsx';
import { useLoad } from '../app/load.ts';
import { Act, Awaited, Badge, Card, Digest, Facts } from '../app/parts.tsx';
import { href } from '../app/route.ts';
import { anything, type Violation, violation, violations } from '../app/shapes.ts';
import { clockTime, short, visible } from '../app/text.ts';
import { SanctionFacts } from './sanctions.tsx';
import { STEPS, type Step } from './steps.ts';

const FILTERS = ['open', 'investigating', 'confirmed', 'dismissed', 'appealed', 'restored', ''];
const ABOUT: Readonly<
  Record<Step, { readonly verb: string; readonly about: string; readonly danger?: true }>
> = {
  confirm: {
    verb: 'Confirm',
    about: 'You find that it happened. What its severity brings is in force at once.',
    danger: true,
  },
  dismiss: {
    verb: 'Dismiss',
    about: 'You find that it did not happen. What was done because of it is undone.',
  },
  appeal: {
    verb: 'Appeal',
    about: 'You ask for another hearing, by people who have not found on it before.',
  },
  restore: { verb: 'Restore', about: 'You grant the appeal. What was done is undone.' },
};

export function Cases({ chosen }: { readonly chosen?: string | undefined }) {
  const api = useApi();
  const ask = async (filter: string) =>
    (
      await api.get(
        query('/violations', filter === 'open' ? { open: 'true' } : { status: filter }),
        violations,
      )
    ).violations;
  return (
    <ListView
      view="cases"
      caption="Cases, newest first"
      chosen={chosen}
      filter={{ label: 'State', options: FILTERS, first: 'open' }}
      ask={ask}
      rowKey={(each) => each.violation_id}
      nothing="No case of this kind."
      columns={[
        { head: 'What', cell: (each) => visible(each.violation_type.replaceAll('_', ' ')) },
        { head: 'Severity', cell: (each) => <Badge word={each.severity} /> },
        { head: 'State', cell: (each) => <Badge word={each.status} /> },
        { head: 'Where', cell: (each) => visible(each.node_or_service), wide: true },
        { head: 'Reported', cell: (each) => clockTime(each.reported_at, Date.now()), wide: true },
      ]}
      detail={(id, _, reload) => <One key={id} id={id} onStep={reload} />}
    />
  );
}

function One({ id, onStep }: { readonly id: string; readonly onStep: () => void }) {
  const api = useApi();
  const path = `/violations/${encodeURIComponent(id)}` as const;
  const asked = useLoad(id, () => api.get(path, violation));
  const take = (step: Step) => async (reason: string) => {
    await api.post(`${path}/${step}`, { reason }, anything);
    asked.reload();
    onStep();
  };
  return (
    <Awaited {...asked}>
      {(of) => (
        <>
          <Card title={visible(of.violation_type.replaceAll('_', ' '))}>
            <Facts
              of={{
                State: <Badge word={of.status} />,
                Severity: <Badge word={of.severity} />,
                Where: of.node_or_service,
                Metric: of.metric_name,
                Origin: of.origin,
                Accused:
                  of.accused === null ? (
                    'nobody can say who is meant'
                  ) : (
                    <Digest text={of.accused} length={24} />
                  ),
                'Reported by':
                  of.reported_by === null ? (
                    'the system itself'
                  ) : (
                    <Digest text={of.reported_by} length={24} />
                  ),
                Votes: `${of.votes} of ${of.votes_needed} needed`,
                'How often': of.repeat === undefined ? undefined : `${of.repeat} within 30 days`,
              }}
            />
            <div class="row">
              {STEPS[of.status]?.map((step) => (
                <Act key={`${step} ${of.status} ${of.votes}`} {...ABOUT[step]} needsReason act={take(step)} />
              ))}
            </div>
          </Card>
          <History of={of} />
          {of.sanctions?.map((each) => (
            <Card key={each.sanction_id} title={`Sanction: ${each.kind}`}>
              <SanctionFacts of={each} />
            </Card>
          ))}
        </>
      )}
    </Awaited>
  );
}

const History = ({ of }: { readonly of: Violation }) => (
  <Card title="What happened">
    <ol class="plain">
      {of.history.map((event) => (
        <li key={event.record}>
          <strong>{visible(event.type)}</strong> {clockTime(event.at, Date.now())}{' '}
          <span class="quiet">by {event.by === null ? 'the system' : short(event.by)}</span>
          {event.destroyed ? <p class="quiet">What was said is destroyed.</p> : null}
          {event.description === undefined ? null : <p>{visible(event.description)}</p>}
          {event.reason === undefined ? null : <p>{visible(event.reason)}</p>}
          {event.evidence === undefined || event.evidence.length === 0 ? null : (
            <ul>
              {event.evidence.map((piece) => (
                <li key={piece}>{visible(piece)}</li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ol>
    <p class="quiet">
      <a href={href('sanctions')}>All sanctions</a>
    </p>
  </Card>
);
