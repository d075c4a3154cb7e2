/** What waits for a person's word: exactly what would run, and approving or rejecting that and nothing else. */
import { query } from '../app/api.ts';
import { useApi } from '../app/context.ts';
import { ListView } from '../app/list-view.tsx';
import { useLoad } from '../app/load.ts';
import { Act, Awaited, Badge, Card, Digest, Facts, Json } from '../app/parts.tsx';
import { type Approval, anything, approval, approvals } from '../app/shapes.ts';
import { clockTime, duration, short, visible } from '../app/text.ts';

const STATES = ['pending', 'approved', 'rejected', 'expired', ''];

const what = ({ workflow, tool }: Approval): string => visible(workflow ?? tool ?? 'something');
const left = ({ status, expires_at }: Approval): string =>
  status === 'pending' ? duration(Date.parse(expires_at) - Date.now()) : '';

export function Approvals({ chosen }: { readonly chosen?: string | undefined }) {
  const api = useApi();
  return (
    <ListView
      view="approvals"
      caption="Approvals, newest first"
      chosen={chosen}
      filter={{ label: 'State', options: STATES, first: 'pending' }}
      ask={async (status) => (await api.get(query('/approvals', { status }), approvals)).approvals}
      rowKey={(each) => each.approval_id}
      nothing="Nothing waits for anybody."
      columns={[
        { head: 'What', cell: what },
        { head: 'State', cell: (each) => <Badge word={each.status} /> },
        { head: 'Votes', cell: (each) => `${each.approvals} of ${each.quorum}` },
        { head: 'Priority', cell: (each) => <Badge word={each.priority} />, wide: true },
        { head: 'Time left', cell: left, wide: true },
      ]}
      detail={(id, _, reload) => <One key={id} id={id} onDecided={reload} />}
    />
  );
}

function One({ id, onDecided }: { readonly id: string; readonly onDecided: () => void }) {
  const api = useApi();
  const path = `/approvals/${encodeURIComponent(id)}` as const;
  const asked = useLoad(id, () => api.get(path, approval));
  const decide = (verdict: 'approve' | 'reject', digest: string) => async (comment: string) => {
    await api.post(
      `${path}/${verdict}`,
      { action_digest: digest, ...(comment === '' ? {} : { comment }) },
      anything,
    );
    asked.reload();
    onDecided();
  };
  return (
    <Awaited {...asked}>
      {(of) => (
        <>
          <Card title={what(of)}>
            <Facts
              of={{
                State: <Badge word={of.status} />,
                'Asked by': of.requested_by && (of.requested_by.name ?? of.requested_by.sub),
                Through: of.requested_by?.act.join(', '),
                Mode: of.drag_mode,
                Risk: String(of.risk_level),
                Priority: <Badge word={of.priority} />,
                Votes: `${of.approvals} of ${of.quorum} needed`,
                Asked: of.requested_at,
                'Time left': left(of),
                Charter: of.charter.version,
                'Digest of this': <Digest text={of.action_digest} length={24} />,
                Run: of.execution && `${of.execution.outcome} ${of.execution.execution_id ?? ''}`,
              }}
            />
            {of.status === 'pending' ? (
              <div class="row">
                <Act
                  key={`approve ${of.approvals}`}
                  verb="Approve"
                  about={`You approve ${what(of)} exactly as it stands below. The last approval that is needed starts it.`}
                  needsReason={false}
                  act={decide('approve', of.action_digest)}
                />
                <Act
                  key={`reject ${of.approvals}`}
                  verb="Reject"
                  about={`You reject ${what(of)}. One rejection ends it.`}
                  needsReason={false}
                  danger
                  act={decide('reject', of.action_digest)}
                />
              </div>
            ) : null}
          </Card>
          {of.votes.length === 0 ? null : (
            <Card title="Votes">
              <ul class="plain">
                {of.votes.map((vote) => (
                  <li key={vote.by}>
                    <Badge word={vote.verdict === 'approve' ? 'approved' : 'rejected'} /> {short(vote.by)} at{' '}
                    {clockTime(vote.at, Date.now())} {visible(vote.comment ?? '')}
                  </li>
                ))}
              </ul>
            </Card>
          )}
          {of.request === undefined ? null : (
            <Card title="What would run">
              <Json label="The request" value={of.request} />
            </Card>
          )}
        </>
      )}
    </Awaited>
  );
}
