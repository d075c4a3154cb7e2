/** Why a decision came out as it did: reasons, the policies by their text, and the smallest change that would have been allowed. */
import { useApi } from '../app/context.ts';
import { useLoad } from '../app/load.ts';
import { Badge, Card, Digest, Facts, ProblemNote, Source } from '../app/parts.tsx';
import { href } from '../app/route.ts';
import { charter } from '../app/shapes.ts';
import { pretty, visible } from '../app/text.ts';
import { clauseOf } from './clause.ts';
import type { Decided } from './decided.ts';

export function Why({ of: { entry, decision, what } }: { readonly of: Decided }) {
  const { outcome, reasons, counterfactual, policies, approval_id, violation_id } = decision;
  const clauses = [
    ...new Set([...policies.map(({ id }) => id), ...reasons.flatMap((each) => each.policy_id ?? [])]),
  ];
  return (
    <>
      <Card title={outcome === 'allow' ? 'Why allowed' : 'Why not'}>
        <Facts
          of={{
            Outcome: <Badge word={outcome} />,
            What: what,
            'Fell at': decision.stage,
            Mode: `${decision.drag_mode}, ${decision.mode}`,
            Risk: String(decision.risk_level),
            Actor: decision.actor_type.replaceAll('_', ' '),
            Charter: decision.charter.version,
            Took: `${(decision.latency_us / 1000).toFixed(1)} ms`,
            Approval: approval_id && <a href={href('approvals', approval_id)}>{approval_id}</a>,
            Case: violation_id && <a href={href('cases', violation_id)}>{violation_id}</a>,
            Trace: <Digest text={entry.record.trace} length={32} />,
            Record: <a href={href('ledger', entry.id)}>{entry.id}, verify it</a>,
          }}
        />
      </Card>
      {reasons.length === 0 ? null : (
        <Card title="Reasons">
          <ul class="plain">
            {reasons.map((reason) => (
              <li key={reason.code + reason.message}>
                <code>{visible(reason.code)}</code> {visible(reason.message)}
                {reason.path ? (
                  <span class="quiet">
                    {' '}
                    at <code>{visible(reason.path)}</code>
                  </span>
                ) : null}
              </li>
            ))}
          </ul>
        </Card>
      )}
      {counterfactual.length === 0 ? null : (
        <Card title="What would have been allowed" tone="hint">
          <ul class="plain">
            {counterfactual.map((change) => (
              <li key={change.change + pretty(change.to)}>
                <code>{visible(change.change)}</code> → <code>{pretty(change.to)}</code>:{' '}
                <Badge word={change.outcome} />
              </li>
            ))}
          </ul>
        </Card>
      )}
      {clauses.length === 0 ? null : <Clauses digest={decision.charter.digest} ids={clauses} />}
    </>
  );
}

/** The policies in the charter that decided, whichever is in force by now. */
function Clauses({ digest, ids }: { readonly digest: string; readonly ids: readonly string[] }) {
  const api = useApi();
  const { data, problem } = useLoad(digest, () =>
    api.get(`/charters/${encodeURIComponent(digest)}`, charter),
  );
  return (
    <Card title={ids.length === 1 ? 'Policy' : 'Policies'}>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      {ids.map((id) => {
        const clause = data && clauseOf(data, id);
        return (
          <div key={id}>
            <h3>
              <code>{visible(id)}</code> {clause === undefined ? null : <Badge word={clause.effect} />}
            </h3>
            {clause === undefined ? null : (
              <>
                <p>{visible(clause.description)}</p>
                <Source label={`Text of ${id}`} text={clause.text} />
                <p class="quiet">
                  {visible(clause.file)}, line {clause.line}
                </p>
              </>
            )}
          </div>
        );
      })}
    </Card>
  );
}
