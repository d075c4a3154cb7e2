/**
 * The story of a tool call. The door has said who is asking; from there:
 *
 *   find the tool → weigh the call → record the decision → forward → record the outcome → answer
 *
 * The decision is durable before the server hears anything (invariant 1): `ledger.append` throws LEDGER_UNAVAILABLE when it cannot
 * promise that, and then nothing is forwarded. A denial is a value, and so is a server that fails.
 */
import { following } from '../basics/ids.ts';
import type { Caller, Question } from '../decision/question.ts';
import { recordWith, type Weighed } from '../decision/record.ts';
import { type WeighDeps, weigh } from '../decision/weigh.ts';
import type { Reason } from '../errors.ts';
import type { Receipt } from '../ledger/record.ts';
import type { Mission } from '../tools/missions.ts';
import { type Answer, refusal } from './answer.ts';
import { type Called, type ForwardDeps, forward } from './forward.ts';
import { type RecordingDeps, recordDecision } from './recording.ts';
import { askedBefore, claimGrant, type Grant, type GrantDeps, rememberAsked } from './tool-grant.ts';
import { askTool, type ToolAsked, type ToolQuestionDeps } from './tool-question.ts';

export interface ToolOffice extends WeighDeps, RecordingDeps, ToolQuestionDeps, GrantDeps, ForwardDeps {}

export type ToolAnswer =
  | Extract<Answer, { kind: 'refused' | 'approval' }>
  | ({ readonly kind: 'called'; readonly weighed: Weighed; readonly receipt: Receipt } & Called);

/** Decides, records and, if allowed, calls. Throws LEDGER_UNAVAILABLE or STORE_UNAVAILABLE: then nothing was called. */
export async function callTool(office: ToolOffice, caller: Caller, asked: ToolAsked): Promise<ToolAnswer> {
  const { question, shelved, mission, ...given } = await askTool(office, caller, asked);
  const first = await weighWithin(office, caller, question, mission);
  // A client that cannot hold a state asks for the same again: it is told of the same approval, or makes the call.
  const waits =
    first.decision.outcome === 'require_approval' && given.grant === undefined && !asked.holdsState;
  const grant = waits ? await askedBefore(office, first.action_digest) : given.grant;
  const weighed =
    waits && grant?.approval.status === 'approved'
      ? await weighWithin(office, caller, { ...question, approved: true }, mission)
      : first;
  if (weighed.decision.outcome !== 'allow') return answerTo(office, caller, question, weighed, grant);
  if (shelved.kind !== 'reviewed') throw new TypeError('a tool is allowed that nobody has reviewed');
  const used = grant === undefined ? undefined : await claimGrant(office, grant, weighed.action_digest);
  if (used !== undefined) return refuseGranted(office, weighed, grant, used);

  // Named by the decision, after an approval by what was approved: a call that is tried again is the same call.
  const execution_id = following(grant?.approval_id ?? weighed.decision_id, 'exe');
  const receipt = await office.ledger.append({
    ...recordWith(weighed, {
      execution_id,
      ...(grant === undefined ? {} : { approval_id: grant.approval_id }),
      ...(mission === undefined ? {} : { mission_id: mission.mission_id }),
    }),
  });
  const called = await forward(office, caller, {
    ...asked,
    server: shelved.server,
    definition: shelved.definition,
    charter: weighed.charter,
    decision_id: weighed.decision_id,
    execution_id,
    after: receipt.record_hash,
  });
  return { kind: 'called', weighed, receipt, ...called };
}

/** A mission's calls are taken only for a call that is allowed otherwise: else whoever may not call could use them up. */
async function weighWithin(
  office: ToolOffice,
  caller: Caller,
  question: Question,
  mission: Mission | undefined,
): Promise<Weighed> {
  const weighed = await weigh(office, caller, question);
  if (mission === undefined || weighed.decision.outcome !== 'allow') return weighed;
  const hindrance = await office.missions.use(mission);
  return hindrance === undefined ? weighed : weigh(office, caller, { ...question, withheld: [hindrance] });
}

/** What is said of a call that was not made. Who asks again while people decide is shown the same approval. */
async function answerTo(
  office: ToolOffice,
  caller: Caller,
  question: Question,
  weighed: Weighed,
  grant: Grant | undefined,
): Promise<ToolAnswer> {
  if (weighed.decision.outcome === 'require_approval' && grant !== undefined) {
    const { approval } = grant;
    const record = recordWith(weighed, { approval_id: grant.approval_id });
    return { kind: 'approval', weighed, receipt: await office.ledger.append(record), approval };
  }
  const { receipt, approval } = await recordDecision(office, caller, question, weighed);
  if (approval === undefined) return refusal(weighed, receipt);
  await rememberAsked(office, approval);
  return { kind: 'approval', weighed, receipt, approval };
}

async function refuseGranted(
  office: ToolOffice,
  weighed: Weighed,
  grant: Grant | undefined,
  reason: Reason,
): Promise<ToolAnswer> {
  const reasons = [reason];
  const record = recordWith(weighed, {
    ...(grant === undefined ? {} : { approval_id: grant.approval_id }),
    outcome: 'deny',
    stage: 'approval',
    reasons,
  });
  const decision = { ...weighed.decision, outcome: 'deny', stage: 'approval', reasons } as const;
  return refusal({ ...weighed, decision }, await office.ledger.append(record));
}
