/**
 * What is known of an agent, asking or asked. The charter's word counts for the agents that it lists; what an
 * enforcement point says of one may only make it less. Of an agent that the charter does not list, an enforcement point
 * is believed, on both sides alike; an agent that speaks for itself is not.
 */
import type { Json, JsonObject } from '../json.ts';
import { AGENT_CAPABILITIES, AGENT_TYPES, TRUST_LEVELS } from '../terms.ts';
import type { Charter } from './charter.ts';
import type { Documents, TrustLevel } from './documents.ts';

type Agent = Documents['gateway.yaml']['agents'][number];

/**
 * @param declared what an enforcement point says about it; undefined when nobody does who may
 * @param type what an agent is that nobody knows
 */
export function agentAttributes(
  charter: Charter,
  id: string,
  declared: JsonObject | undefined,
  type: string,
): JsonObject {
  const listed = charter.documents['gateway.yaml'].agents.find((known) => known.id === id);
  if (listed !== undefined) return tightened(listed, declared ?? {});
  return {
    agent_type: oneOf(AGENT_TYPES, declared?.agent_type ?? declared?.type) ?? type,
    trust: oneOf(TRUST_LEVELS, declared?.trust) ?? 'untrusted',
    environment: typeof declared?.environment === 'string' ? declared.environment : 'unknown',
    capabilities: capabilitiesIn(declared?.capabilities),
  };
}

function tightened(listed: Agent, declared: JsonObject): JsonObject {
  const { trust, environment, capabilities } = declared;
  return {
    agent_type: listed.type,
    trust:
      trust === undefined ? listed.trust : lower(listed.trust, oneOf(TRUST_LEVELS, trust) ?? 'untrusted'),
    // Whoever says that it runs elsewhere is not believed, nor is the charter any more.
    environment:
      environment === undefined || environment === listed.environment ? listed.environment : 'unknown',
    capabilities:
      capabilities === undefined
        ? [...listed.capabilities]
        : capabilitiesIn(capabilities).filter((one) => listed.capabilities.some((own) => own === one)),
  };
}

function lower(one: TrustLevel, other: TrustLevel): TrustLevel {
  return TRUST_LEVELS.indexOf(one) < TRUST_LEVELS.indexOf(other) ? one : other;
}

function capabilitiesIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? AGENT_CAPABILITIES.filter((known) => value.includes(known)) : [];
}

function oneOf<Value extends string>(known: readonly Value[], value: Json | undefined): Value | undefined {
  return known.find((one) => one === value);
}
