/** The question that a tool call asks: what stands against the tool, the arguments and the declared aim stands inside it. */
import { parseGoverned } from '../aim/request.ts';
import type { Charter } from '../charter/charter.ts';
import { gatewayAttributes } from '../charter/gateway.ts';
import { type Caller, type Lack, type Question, TOOL_CALL } from '../decision/question.ts';
import type { Reason } from '../errors.ts';
import type { Approvals } from '../govern/approvals/approvals.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Pseudonym } from '../ledger/people/pseudonym.ts';
import { DRAG_MODES, type GovernedRequest } from '../terms.ts';
import { checkArguments } from '../tools/arguments.ts';
import { declaredHarm } from '../tools/definition.ts';
import type { Mission, Missions } from '../tools/missions.ts';
import type { RequestStates } from '../tools/request-state.ts';
import type { Forwarding } from '../tools/server.ts';
import type { Shelf, Shelved } from '../tools/shelf.ts';
import type { Grant } from './tool-grant.ts';

export interface ToolQuestionDeps {
  readonly charter: () => Promise<Charter>;
  readonly shelf: Shelf;
  readonly missions: Missions;
  readonly approvals: Approvals;
  readonly states: RequestStates;
  readonly pseudonym: Pseudonym;
}

/** A call as it came in. */
export interface ToolAsked extends Forwarding {
  /** `server.tool`. */
  readonly tool: string;
  readonly arguments: JsonObject;
  /** What the caller declares: an AIM (with a mode, if not `execute`), or the id of a mission. */
  readonly aim?: Json;
  readonly mission?: Json;
  /** What it was given when it was told to wait for an approval. */
  readonly state?: string;
  /** Whether it is given such a state; who is not is known again by what they ask. */
  readonly holdsState: boolean;
}

export interface ToolQuestion {
  readonly question: Question;
  readonly shelved: Shelved;
  readonly mission?: Mission;
  readonly grant?: Grant;
}

/** Whether an approval was asked for a call of a tool: whoever asked makes it, once it is granted. */
export const isToolCall = (body: Json): boolean =>
  typeof body === 'object' && body !== null && !Array.isArray(body) && typeof body.tool === 'string';

/** The scope that guards every call of a tool. */
export const TOOL_SCOPE = 'decisions:evaluate';

export async function askTool(
  deps: ToolQuestionDeps,
  caller: Caller,
  asked: ToolAsked,
): Promise<ToolQuestion> {
  const { tool, arguments: parameters } = asked;
  const charter = await deps.charter();
  const shelved = await deps.shelf.find(charter, tool, asked.caller);
  const properties: JsonObject = 'definition' in shelved ? { ...declaredHarm(shelved.definition) } : {};
  const lack = shelved.kind === 'reviewed' ? lackOf(charter, tool, properties) : undefined;
  const declared = await declaredIn(deps, caller, asked, lack !== undefined);
  const granted = await grantIn(deps, caller, asked);
  const lacks = declared.request === undefined ? lack : undefined;
  const question: Question = {
    action: TOOL_CALL,
    scope: TOOL_SCOPE,
    resource: { type: 'tool', id: tool },
    ask: {
      parameters,
      properties,
      context: {},
      data_classes: [],
    },
    ...(declared.request === undefined
      ? {}
      : {
          request: { ...declared.request, parameters },
          drag_mode: declared.request.drag_mode,
        }),
    ...(lacks === undefined || declared.reasons.length > 0 ? {} : { lacks }),
    body: { tool, arguments: parameters, ...(declared.body === undefined ? {} : { aim: declared.body }) },
    shape: [
      ...declared.reasons,
      ...(shelved.kind === 'reviewed' ? checkArguments(shelved.definition, parameters) : []),
    ],
    withheld: [...withheldBy(tool, shelved), ...(granted.reason === undefined ? [] : [granted.reason])],
    mode: 'enforce',
    ...(granted.grant?.approval.status === 'approved' ? { approved: true } : {}),
  };
  return {
    question,
    shelved,
    ...(declared.mission === undefined ? {} : { mission: declared.mission }),
    ...(granted.grant === undefined ? {} : { grant: granted.grant }),
  };
}

interface Declared {
  readonly reasons: readonly Reason[];
  readonly request?: GovernedRequest;
  readonly mission?: Mission;
  readonly body?: Json;
}

/** The aim of the call: as it says itself, or that of a mission, named or the one of this person's that covers the tool. */
async function declaredIn(
  { missions }: ToolQuestionDeps,
  { principal }: Caller,
  { tool, aim, mission: named }: ToolAsked,
  needs: boolean,
): Promise<Declared> {
  if (aim !== undefined) return parseAim(aim);
  const found =
    named === undefined
      ? await missions.covering(principal, tool, needs)
      : await missions.named(principal, named, tool);
  if (found === undefined) return { reasons: [] };
  if ('code' in found) return { reasons: [found] };
  const parsed = parseAim({ ...found.aim });
  return { ...parsed, mission: found };
}

const AIM_AT = '/_meta/org.chancery~1aim';

function parseAim(aim: Json): Declared {
  const { drag_mode = 'execute', ...declared }: JsonObject =
    typeof aim === 'object' && aim !== null && !Array.isArray(aim) ? aim : {};
  const parsed = parseGoverned({ workflow_name: 'tool-call', drag_mode, aim: declared, parameters: {} });
  if (parsed.ok) return { reasons: [], request: parsed.request, body: declared };
  const reasons = parsed.reasons.map((reason) => ({
    ...reason,
    path: `${AIM_AT}${(reason.path ?? '').replace(/^\/aim/, '')}`,
  }));
  return { reasons };
}

/** A tool of high or critical sensitivity is called for a declared purpose only. */
function lackOf(charter: Charter, tool: string, properties: JsonObject): Lack | undefined {
  const { sensitivity } = gatewayAttributes(charter, 'tool', tool, properties, false);
  if (sensitivity !== 'high' && sensitivity !== 'critical') return undefined;
  const message = `${tool} is of ${sensitivity} sensitivity: declare an AIM in _meta["org.chancery/aim"], or register a mission that covers it (POST /missions, or chancery missions register)`;
  return {
    reason: { code: 'missing_mission', path: AIM_AT, message, kind: 'invalid' },
    change: '/_meta/org.chancery~1mission',
    to: {
      register: 'POST /missions',
      body: {
        aim: {
          actor: { name: 'your name, as your token says it' },
          input: { sources: [{ type: 'tool', description: 'what the work is based on' }] },
          mission: { objective: 'what the calls are for', success_criteria: ['how success is seen'] },
        },
        tools: [tool],
        duration: '1h',
        max_calls: 20,
      },
      modes: [...DRAG_MODES],
    },
  };
}

/** What stands against the tool, whatever the policies say. A name that the charter does not list has its reason from there. */
function withheldBy(tool: string, shelved: Shelved): Reason[] {
  const reason = (code: string, message: string): Reason[] => [
    { code, path: '/params/name', message, kind: 'forbidden' },
  ];
  switch (shelved.kind) {
    case 'unreviewed':
      return reason(
        'unreviewed_tool',
        shelved.changed
          ? `the definition of ${tool} has changed since it was reviewed; somebody must look at it first (chancery tools review)`
          : `nobody has reviewed the definition of ${tool} yet (chancery tools review)`,
      );
    case 'absent':
      return reason('unknown_tool', `the charter lists ${tool}, but no server offers it here`);
    case 'unreachable':
      return reason('server_unavailable', `the server of ${tool} cannot be asked: ${shelved.fault.kind}`);
    case 'unlisted':
    case 'reviewed':
      return [];
  }
}

interface Granted {
  readonly grant?: Grant;
  readonly reason?: Reason;
}

/** The approval that the caller was told to wait for: theirs, and of this very call, or a reason why it is not. */
async function grantIn(
  { approvals, states, pseudonym }: ToolQuestionDeps,
  { principal }: Caller,
  { state, tool, arguments: parameters }: ToolAsked,
): Promise<Granted> {
  if (state === undefined) return {};
  const approval_id = states.open(state, { who: pseudonym(principal), tool, arguments: parameters });
  const approval = approval_id === undefined ? undefined : await approvals.get(approval_id);
  if (approval_id === undefined || approval === undefined)
    return {
      reason: stateReason(
        'request_state_invalid',
        'this requestState is not one of this call: leave it out and ask again',
      ),
    };
  const { status } = approval;
  if (status === 'rejected' || status === 'expired')
    return { reason: stateReason(`approval_${status}`, `the approval ${approval_id} was ${status}`) };
  return { grant: { approval_id, approval } };
}

const stateReason = (code: string, message: string): Reason => ({
  code,
  path: '/params/requestState',
  message,
  kind: 'forbidden',
});
