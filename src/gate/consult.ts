/**
 * The story of a decision that Chancery does not carry out itself: weigh it, record it, and hand the asker what
 * they need to carry it out or to wait.
 *
 * The record is durable before the capability exists, so no token speaks of a decision that the ledger does not
 * know (invariant 1). Dry run and shadow end after the record.
 */

import { digestJson } from '../basics/digest.ts';
import { evaluateFlag } from '../charter/flags.ts';
import { cacheSeconds, gatewayAttributes } from '../charter/gateway.ts';
import { filterParameters } from '../charter/secrets.ts';
import type { Capabilities, Capability } from '../decision/capability.ts';
import type { Caller, Question } from '../decision/question.ts';
import { aimJson, type Weighed } from '../decision/record.ts';
import { type WeighDeps, weigh } from '../decision/weigh.ts';
import type { JsonObject } from '../json.ts';
import { type Recorded, type RecordingDeps, recordDecision } from './recording.ts';

export interface ConsultDeps extends WeighDeps, RecordingDeps {
  readonly capabilities: Capabilities;
}

export interface Consulted extends Recorded {
  readonly weighed: Weighed;
  readonly capability?: Capability;
  /** For tools: parameters without what must not reach them, and how long the decision may be kept. */
  readonly tool?: { readonly filtered_parameters: JsonObject; readonly cache_ttl: number };
}

export interface ConsultOptions {
  /** False for advice about others (AuthZEN): it grants nothing and opens nothing. */
  readonly grants: boolean;
}

/** Throws LEDGER_UNAVAILABLE or STORE_UNAVAILABLE: then nothing was granted. */
export async function consult(
  deps: ConsultDeps,
  caller: Caller,
  question: Question,
  options: ConsultOptions,
): Promise<Consulted> {
  const weighed = await weigh(deps, caller, question);
  const { decision, charter } = weighed;
  const effects = options.grants && question.mode === 'enforce';
  const recorded = await recordDecision(deps, caller, question, weighed, options.grants);
  const tool = toolView(question, weighed);

  if (
    effects &&
    decision.outcome === 'allow' &&
    evaluateFlag(charter, 'capability_tokens', caller.principal).value
  ) {
    const capability = await deps.capabilities.issue({
      sub: deps.pseudonym(caller.principal),
      decision_id: weighed.decision_id,
      action: question.workflow ? `workflow:${question.drag_mode ?? 'execute'}` : question.action,
      resource: question.resource,
      action_digest: weighed.action_digest,
      request_digest: requestDigest(question),
      charter: charter.digest,
      record: { id: recorded.receipt.id, hash: recorded.receipt.record_hash },
    });
    return { weighed, ...recorded, capability, ...tool };
  }
  return { weighed, ...recorded, ...tool };
}

/** What was asked, without who asked it. */
export function requestDigest({ action, resource, drag_mode, request, ask }: Question): string {
  return digestJson({
    action,
    resource,
    mode: drag_mode ?? 'none',
    parameters: request?.parameters ?? ask?.parameters ?? {},
    aim: request ? aimJson(request.aim) : null,
    context: ask?.context ?? {},
    properties: ask?.properties ?? {},
  });
}

function toolView(question: Question, { charter, decision }: Weighed): Pick<Consulted, 'tool'> {
  if (question.resource.type !== 'tool' && question.resource.type !== 'server') return {};
  const { ask, resource } = question;
  const attributes = gatewayAttributes(
    charter,
    resource.type,
    resource.id,
    ask?.properties ?? {},
    ask?.about !== undefined,
  );
  return {
    tool: {
      filtered_parameters:
        resource.type === 'tool' ? filterParameters(charter, ask?.parameters ?? {}).parameters : {},
      // A denial is not kept: what is missing may be granted the next moment.
      cache_ttl: decision.outcome === 'allow' ? cacheSeconds(charter, attributes) : 0,
    },
  };
}
