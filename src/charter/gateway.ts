/**
 * What the charter knows of tools and agents. A caller's word about a resource may raise its
 * sensitivity, never lower it; what a call would do is read from the call itself.
 */
import type { Json, JsonObject } from '../json.ts';
import { SENSITIVITIES, type Sensitivity } from '../terms.ts';
import type { Charter } from './charter.ts';
import { isDestructiveSql, looksLikeSql } from './sql.ts';

/** Attributes of a tool, a server or an agent, for the resource types of the same name. */
export function gatewayAttributes(
  charter: Charter,
  type: string,
  id: string,
  declared: JsonObject,
): JsonObject {
  const { tools, servers, agents } = charter.documents['gateway.yaml'];
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
        writes: tool?.writes ?? true,
      };
    }
    case 'server': {
      const server = servers.find((known) => known.id === id);
      return {
        sensitivity: raised(server?.sensitivity, declared.sensitivity),
        environment: server?.environment ?? text(declared.environment, 'unknown'),
      };
    }
    case 'agent': {
      const agent = agents.find((known) => known.id === id);
      return {
        agent_type: agent?.type ?? 'worker',
        trust: agent?.trust ?? 'untrusted',
        environment: agent?.environment ?? text(declared.environment, 'unknown'),
        capabilities: agent === undefined ? [] : [...agent.capabilities],
      };
    }
    default:
      return {};
  }
}

/** What a call would do, from its name and its arguments. */
export function callFacts(charter: Charter, id: string, parameters: JsonObject): JsonObject {
  const { destructive_verbs, destructive_sql, tools } = charter.documents['gateway.yaml'];
  const keywords = new Set(destructive_sql);
  const database = tools.find((known) => known.id === id)?.category === 'database';
  const verbs = new Set(destructive_verbs);
  return {
    destructive_sql: statements(parameters, database).some((statement) =>
      isDestructiveSql(statement, keywords),
    ),
    destructive_verb: nameWords(id).some((word) => verbs.has(word)),
  };
}

/** JSON Pointers of parameters that must not reach the tool, and the parameters without them. */
export function filterParameters(
  charter: Charter,
  parameters: JsonObject,
): { readonly paths: readonly string[]; readonly parameters: JsonObject } {
  const names = new Set(charter.documents['redaction.yaml'].strip_parameters.map(plainName));
  const paths: string[] = [];
  const walk = (value: Json, path: string): Json => {
    if (Array.isArray(value)) return value.map((element, index) => walk(element, `${path}/${index}`));
    if (typeof value !== 'object' || value === null) return value;
    const kept: Record<string, Json> = {};
    for (const [name, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (names.has(plainName(name))) paths.push(at);
      else kept[name] = walk(inner, at);
    }
    return kept;
  };
  const kept = walk(parameters, '/parameters');
  return { paths, parameters: isObject(kept) ? kept : {} };
}

/** How long the decision about a resource may be kept, in seconds. */
export function cacheSeconds(charter: Charter, attributes: JsonObject): number {
  const level = SENSITIVITIES.find((known) => known === attributes.sensitivity) ?? 'critical';
  return charter.documents['gateway.yaml'].cache_seconds[level];
}

/** Every text in the parameters that may be SQL: under a telling name, to a database tool, or by its looks. */
function statements(value: Json | undefined, certain: boolean): string[] {
  if (typeof value === 'string') return certain || looksLikeSql(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((element) => statements(element, certain));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    statements(inner, certain || /sql|statement/i.test(name)),
  );
}

/** `github-mcp.closeIssue` → github, mcp, close, issue. */
function nameWords(id: string): string[] {
  return id
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

function raised(known: Sensitivity | undefined, declared: Json | undefined): Sensitivity {
  const said = SENSITIVITIES.find((level) => level === declared);
  if (known === undefined) return said ?? 'high';
  return said !== undefined && SENSITIVITIES.indexOf(said) > SENSITIVITIES.indexOf(known) ? said : known;
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/g, '');
}

function text(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
