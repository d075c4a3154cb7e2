/**
 * Which tools somebody may call now. Looking at a server is decided and recorded; what its tools are worth to this principal is foreseen
 * and not, because nothing happens.
 */
import type { Charter } from '../charter/charter.ts';
import { type Caller, type Question, TOOL_CALL } from '../decision/question.ts';
import { foresee, weigh } from '../decision/weigh.ts';
import type { Decision } from '../terms.ts';
import { declaredHarm } from '../tools/definition.ts';
import { ServerFault } from '../tools/server.ts';
import type { Offered } from '../tools/shelf.ts';
import type { ToolOffice } from './tool-call.ts';
import { TOOL_SCOPE } from './tool-question.ts';

export interface ToolListing {
  /** In the order of names. */
  readonly tools: readonly Offered[];
  /** Servers that could not be asked, or that this principal may not look at. */
  readonly without: readonly string[];
}

/**
 * @param token the caller's own, for a server that shows itself to each of them
 * @throws ChanceryError LEDGER_UNAVAILABLE or STORE_UNAVAILABLE: then nothing is shown
 */
export async function listTools(
  office: ToolOffice,
  caller: Caller,
  servers: readonly string[],
  token?: string,
): Promise<ToolListing> {
  const charter = await office.charter();
  const tools: Offered[] = [];
  const without: string[] = [];
  for (const server of servers) {
    if (!(await mayLook(office, caller, server, 'gateway:server:list'))) {
      without.push(server);
      continue;
    }
    try {
      const offered = await office.shelf.offered(charter, server, token);
      tools.push(...(await callable(office, caller, charter, offered)));
    } catch (error) {
      if (!(error instanceof ServerFault)) throw error;
      without.push(server);
    }
  }
  return { tools: tools.sort((a, b) => (a.id < b.id ? -1 : 1)), without };
}

/** Decides and records whether somebody may look at a server: its lists, its resources, its prompts. */
export async function mayLook(
  office: ToolOffice,
  caller: Caller,
  server: string,
  action: 'gateway:server:list' | 'gateway:server:info',
): Promise<boolean> {
  const question: Question = {
    action,
    scope: TOOL_SCOPE,
    resource: { type: 'server', id: server },
    ask: { parameters: {}, properties: {}, context: {}, data_classes: [] },
    shape: [],
    mode: 'enforce',
  };
  const weighed = await weigh(office, caller, question);
  await office.ledger.append(weighed.record);
  return weighed.decision.outcome === 'allow';
}

async function callable(
  office: ToolOffice,
  caller: Caller,
  charter: Charter,
  offered: readonly Offered[],
): Promise<Offered[]> {
  const reviewed = offered.filter((tool) => tool.reviewed);
  const [calls, looks] = await Promise.all(
    [TOOL_CALL, 'gateway:tool:discover'].map((action) =>
      foresee(
        office,
        caller,
        reviewed.map((tool) => toolQuestion(action, tool)),
      ),
    ),
  );
  return reviewed.filter((_, index) => {
    const call = calls?.[index];
    const look = looks?.[index];
    if (call === undefined || look === undefined) return false;
    return call.outcome !== 'deny' || (look.outcome === 'allow' && turnsOnArguments(charter, call));
  });
}

function toolQuestion(action: string, { id, definition }: Offered): Question {
  return {
    action,
    scope: TOOL_SCOPE,
    resource: { type: 'tool', id },
    ask: {
      parameters: {},
      properties: { ...declaredHarm(definition) },
      context: {},
      data_classes: [],
    },
    shape: [],
    mode: 'enforce',
  };
}

/** Without arguments such a policy cannot be foreseen: another call of the same tool may be allowed. */
function turnsOnArguments(charter: Charter, { stage, policies }: Decision): boolean {
  const reads = new Set(
    charter.policies
      .filter(({ json }) =>
        /"(?:arguments|mail_domains|destructive_sql)"/.test(JSON.stringify(json.conditions)),
      )
      .map(({ id }) => id),
  );
  if (stage === 'forbid') return policies.length > 0 && policies.every(({ id }) => reads.has(id));
  const permits = charter.policies.filter(({ effect }) => effect === 'permit').map(({ id }) => id);
  return (
    stage === 'permit' &&
    charter.engine.policiesOf(TOOL_CALL).some((id) => permits.includes(id) && reads.has(id))
  );
}
