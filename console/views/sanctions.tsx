/** Sanctions in force and past: whom they bind, until when, because of what; lifting one, or appealing its case. */

import type { PathFor } from '../../client/paths.ts';
import { query } from '../app/api.ts';
import { useApi } from '../app/context.ts';
import { ListView } from '../app/list-view.tsx';
import { useLoad } from '../app/load.ts';
import { Act, Awaited, Badge, Card, Digest, Facts } from '../app/parts.tsx';
import { href } from '../app/route.ts';
import { anything, type Sanction, sanction, sanctions } from '../app/shapes.ts';
import { clockTime, short } from '../app/text.ts';

const STATES = ['active', 'lifted', 'expired', ''];

export function Sanctions({ chosen }: { readonly chosen?: string | undefined }) {
  const api = useApi();
  return (
    <ListView
      view="sanctions"
      caption="Sanctions, newest case first"
      chosen={chosen}
      filter={{ label: 'State', options: STATES, first: 'active' }}
      ask={async (status) => (await api.get(query('/sanctions', { status }), sanctions)).sanctions}
      rowKey={(each) => each.sanction_id}
      nothing="No sanction of this kind."
      columns={[
        { head: 'Kind', cell: (each) => each.kind.replaceAll('_', ' ') },
        { head: 'State', cell: (each) => <Badge word={each.status} /> },
        { head: 'Severity', cell: (each) => <Badge word={each.severity} /> },
        { head: 'Subject', cell: (each) => <code>{short(each.subject, 8)}</code>, wide: true },
        { head: 'Until', cell: (each) => untilOf(each), wide: true },
      ]}
      detail={(id, _, reload) => <One key={id} id={id} onChange={reload} />}
    />
  );
}

const untilOf = ({ until }: Sanction): string => (until === null ? 'no end' : clockTime(until, Date.now()));

export const SanctionFacts = ({ of }: { readonly of: Sanction }) => (
  <Facts
    of={{
      State: <Badge word={of.status} />,
      Severity: <Badge word={of.severity} />,
      Subject: <Digest text={of.subject} length={24} />,
      Provisional: of.provisional ? 'until the committee has found' : undefined,
      From: of.from,
      Until: untilOf(of),
      Why: of.reason,
      Ended: of.ended_at && `${of.ended_at} ${of.ended_reason ?? ''}`,
      Case: <a href={href('cases', of.violation_id)}>{of.violation_id}</a>,
    }}
  />
);

function One({ id, onChange }: { readonly id: string; readonly onChange: () => void }) {
  const api = useApi();
  const asked = useLoad(id, () => api.get(`/sanctions/${encodeURIComponent(id)}`, sanction));
  const act = (path: PathFor<'POST'>) => async (reason: string) => {
    await api.post(path, { reason }, anything);
    asked.reload();
    onChange();
  };
  return (
    <Awaited {...asked}>
      {(of) => (
        <Card title={`Sanction: ${of.kind.replaceAll('_', ' ')}`}>
          <SanctionFacts of={of} />
          {of.status === 'active' ? (
            <div class="row">
              <Act
                verb="Lift"
                about="It ends now. Who is under it may run again with the next request."
                needsReason
                danger
                act={act(`/sanctions/${encodeURIComponent(id)}/lift`)}
              />
              <Act
                verb="Appeal its case"
                about="You ask for another hearing of the case that it comes of."
                needsReason
                act={act(`/violations/${encodeURIComponent(of.violation_id)}/appeal`)}
              />
            </div>
          ) : null}
        </Card>
      )}
    </Awaited>
  );
}
