/**
 * What the charter knows of tools and servers. A caller's word about a resource may raise its
 * sensitivity, never lower it; what a call would do is read from the call itself.
 */
import { normalForm } from '../basics/normal-form.ts';
import { skeleton } from '../basics/skeleton.ts';
import type { Reason } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { type Ask, SENSITIVITIES, type Sensitivity } from '../terms.ts';
import { agentAttributes } from './agents.ts';
import type { Charter } from './charter.ts';
import { onlyReads } from './sql/parameters.ts';

/**
 * Attributes of a tool, a server or an agent, for the resource types of the same name.
 *
 * @param attested whether an enforcement point says it of others, not a caller of what it asks for itself
 */
export function gatewayAttributes(
  charter: Charter,
  type: string,
  id: string,
  declared: JsonObject,
  attested: boolean,
): JsonObject {
  const { tools, servers } = charter.documents['gateway.yaml'];
  switch (type) {
    case 'tool': {
      const tool = tools.find((known) => known.id === id);
      const server = servers.find((known) => known.id === (tool?.server ?? declared.server));
      return {
        server: tool?.server ?? text(declared.server, 'unknown'),
        category: tool?.category ?? 'unlisted',
        sensitivity: raised(tool?.sensitivity, declared.sensitivity),
        environment: server?.environment ?? text(declared.environment, 'unknown'),
        listed: tool !== undefined,
        // As with its sensitivity, saying so may only make it graver.
        writes: (tool?.writes ?? true) || declared.writes === true,
      };
    }
    case 'server': {
      const server = servers.find((known) => known.id === id);
      return {
        sensitivity: raised(server?.sensitivity, declared.sensitivity),
        environment: server?.environment ?? text(declared.environment, 'unknown'),
      };
    }
    case 'agent':
      return agentAttributes(charter, id, attested ? declared : undefined, 'worker');
    default:
      return {};
  }
}

/** What is asked, at the risk that the charter gives a call of this tool at least: whoever asks may raise it. */
export function atToolRisk(
  charter: Charter,
  { type, id }: { readonly type: string; readonly id: string },
  ask: Ask,
): Ask {
  const listed =
    type === 'tool' ? charter.documents['gateway.yaml'].tools.find((tool) => tool.id === id) : undefined;
  const { risk_level } = listed ?? {};
  return risk_level === undefined || risk_level <= (ask.risk_level ?? 1) ? ask : { ...ask, risk_level };
}

/**
 * Why a tool may not be asked about at all; undefined for one that the charter lists. A name is exact: one that only
 * looks like a listed name, or is written otherwise, would be judged as nothing while the tool behind it answers.
 */
export function toolRefusal(charter: Charter, id: string): Reason | undefined {
  const { tools } = charter.documents['gateway.yaml'];
  if (tools.some((known) => known.id === id)) return undefined;
  // Also as case folding takes it: a long s, which looks like an f, is an s to whoever ignores case.
  const looks = [toolLikeness(id), toolLikeness(normalForm(id.slice(0, MAX_NAME), 'NFKC'))];
  const alike = tools.find((known) => looks.includes(toolLikeness(known.id)));
  return alike === undefined
    ? {
        code: 'unlisted_tool',
        path: '/resource/id',
        message: 'the charter lists no tool of this name, and what is not listed is not used',
        kind: 'forbidden',
      }
    : {
        code: 'lookalike_tool',
        path: '/resource/id',
        message: `this name only looks like ${alike.id}: names of tools are exact`,
        kind: 'forbidden',
      };
}

/** Two tools of one likeness are taken for each other: by look, case, blanks, or with other signs between the words. */
export function toolLikeness(id: string): string {
  return skeleton(id.slice(0, MAX_NAME)).replace(/[^\p{L}\p{N}\p{M}]/gu, '');
}

const MAX_NAME = 256;

/**
 * What a call would do, from its name and its arguments, and when: `hour` (0–23) and `weekday` (1 is Monday) in UTC.
 * @param now milliseconds since the epoch
 */
export function callFacts(charter: Charter, id: string, parameters: JsonObject, now = 0): JsonObject {
  const { destructive_verbs, sql_functions, tools } = charter.documents['gateway.yaml'];
  const database = tools.find((known) => known.id === id)?.category === 'database';
  const verbs = new Set(destructive_verbs);
  return {
    destructive_sql: !readsOnly(parameters, database, sql_functions),
    destructive_verb: nameWords(id).some((word) => verbs.has(word)),
    mail_domains: mailDomains(parameters),
    hour: new Date(now).getUTCHours(),
    weekday: new Date(now).getUTCDay() || 7,
  };
}

/** Domains of the addresses that stand anywhere in the arguments, in lower case, each once. */
function mailDomains(value: Json | undefined, found = new Set<string>()): string[] {
  if (typeof value === 'string')
    for (const [, domain = ''] of value.matchAll(/@([\p{L}\p{N}.-]{1,253})/gu))
      found.add(domain.toLowerCase().replace(/\.+$/, ''));
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) mailDomains(inner, found);
  return [...found].sort();
}

/** A denial is decided again for every change that might lift it, and its statements stay what they are. */
const proved = new WeakMap<JsonObject, Proved>();

interface Proved {
  readonly functions: readonly string[];
  readonly database: boolean;
  readonly answer: boolean;
}

function readsOnly(parameters: JsonObject, database: boolean, functions: readonly string[]): boolean {
  const known = proved.get(parameters);
  if (known?.functions === functions && known.database === database) return known.answer;
  const answer = onlyReads(parameters, database, new Set(functions));
  proved.set(parameters, { functions, database, answer });
  return answer;
}

/** How long the decision about a resource may be kept, in seconds. */
export function cacheSeconds(charter: Charter, attributes: JsonObject): number {
  const level = SENSITIVITIES.find((known) => known === attributes.sensitivity) ?? 'critical';
  return charter.documents['gateway.yaml'].cache_seconds[level];
}

/** `github-mcp.closeIssue` → github, mcp, close, issue. */
function nameWords(id: string): string[] {
  return id
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

/** What nobody knows counts as high; what is said and cannot be read, as critical. */
function raised(known: Sensitivity = 'high', declared: Json | undefined): Sensitivity {
  if (declared === undefined) return known;
  const said = SENSITIVITIES.find((level) => level === declared) ?? 'critical';
  return SENSITIVITIES.indexOf(said) > SENSITIVITIES.indexOf(known) ? said : known;
}

function text(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
