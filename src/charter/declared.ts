/**
 * What callers declare about a subject, a resource and the circumstances. AuthZEN leaves these members free, so
 * those that nobody here reads pass. Those that are read must be readable: a value of the wrong type that was
 * passed over, or a name misspelt by one letter, made the answer milder.
 */
import * as z from 'zod';
import { open, schemaReasons, unknownMember } from '../aim/closed.ts';
import { dataClasses, options, riskLevel } from '../aim/request.ts';
import { nearest } from '../basics/nearest.ts';
import type { Reason } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import {
  ACTOR_TYPES,
  AGENT_CAPABILITIES,
  AGENT_TYPES,
  DRAG_MODES,
  PRINCIPAL_KINDS,
  SENSITIVITIES,
  TRUST_LEVELS,
} from '../terms.ts';
import type { Charter } from './charter.ts';

const exact = z
  .string()
  .max(1024)
  .refine((text) => text !== '' && text.trim() === text, 'a text without blanks around it');
const names = z.array(exact).max(200);
const object = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);

/** Members that may be declared, and what reads them. Made once: Zod compiles a schema, which costs as much as ten decisions. */
interface Form {
  readonly known: readonly string[];
  readonly schema: z.ZodType;
}

const form = (members: Readonly<Record<string, z.ZodType>>): Form => ({
  known: Object.keys(members),
  schema: z.looseObject(
    Object.fromEntries(Object.entries(members).map(([name, member]) => [name, member.optional()])),
  ),
});

const CONTEXT = form({
  aim: object,
  drag_mode: z.enum(DRAG_MODES),
  parameters: object,
  data_classes: dataClasses,
  risk_level: riskLevel,
  output_text: z.string(),
  options,
  delegation_depth: z.int().min(0).max(100),
});

const SUBJECT = form({
  kind: z.enum(PRINCIPAL_KINDS),
  actor_type: z.enum(ACTOR_TYPES),
  name: exact,
  email: exact,
  roles: names,
  /** One role, as the specification's own examples have it. */
  role: exact,
  scopes: names,
  fresh_mfa: z.boolean(),
  act: z.unknown().refine((act) => actorsOf(act) !== undefined, 'a list of actors, or {"sub": …, "act": …}'),
  agent_type: z.enum(['none', ...AGENT_TYPES]),
  trust: z.enum(TRUST_LEVELS),
  environment: exact,
  capabilities: z.array(z.enum(AGENT_CAPABILITIES)),
});

const gateway = { sensitivity: z.enum(SENSITIVITIES), environment: exact };
const RESOURCE: ReadonlyMap<string, Form> = new Map([
  ['tool', form({ ...gateway, server: exact })],
  ['server', form(gateway)],
  ['agent', form({ environment: exact })],
]);
const ANYTHING = form({});

/** What makes an answer stricter where it belongs, and would be passed over where it does not. */
const OF_CONTEXT = ['drag_mode', 'data_classes', 'risk_level', 'delegation_depth'] as const;
const OF_SUBJECT = ['act', 'actor_type', 'agent_type', 'trust'] as const;

/** Facts that are worked out here: a caller's word for them would be passed over. */
const COMPUTED: ReadonlySet<string> = new Set([
  ...['mode', 'risk', 'person', 'subjects', 'environment', 'destructive_sql', 'destructive_verb'],
  ...['arguments', 'mail_domains', 'hour', 'weekday'],
  ...['category', 'listed', 'writes', 'modes', 'roles', 'sensitivity', 'data_classes', 'server'],
  ...['agent_type', 'trust', 'capabilities', 'sub', 'act_depth'],
]);

export interface Declared {
  readonly action: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly context: JsonObject;
  /** What an enforcement point says of the subject. */
  readonly subject?: JsonObject;
  /** Properties that stand beside `type` and `id`: there only those that something reads. */
  readonly direct?: readonly string[];
}

/** What in it cannot be read, by JSON Pointer; empty when all can. */
export function unreadable(charter: Charter, declared: Declared): Reason[] {
  const known = charter.schema.actions.get(declared.action)?.attributes;
  const resource = known?.resource ?? [];
  const { subject = {}, properties, context, direct = [] } = declared;
  const ofResource = RESOURCE.get(declared.type) ?? ANYTHING;
  const readable = [...ofResource.known, ...resource];
  return [
    ...check(CONTEXT, context, known?.context ?? [], '/context'),
    ...check(ofResource, properties, resource, '/resource/properties'),
    ...check(SUBJECT, subject, known?.principal ?? [], '/subject/properties'),
    ...misplaced(OF_SUBJECT, context, '/context', 'the properties of the subject'),
    ...misplaced(OF_SUBJECT, properties, '/resource/properties', 'the properties of the subject'),
    ...misplaced(OF_CONTEXT, subject, '/subject/properties', 'the context'),
    ...misplaced(OF_CONTEXT, properties, '/resource/properties', 'the context'),
    ...misspeltRoles(charter, subject),
    ...direct.filter((name) => !readable.includes(name)).map((name) => stranger(name, readable)),
  ];
}

function check(
  { known, schema }: Form,
  given: JsonObject,
  attributes: readonly string[],
  at: string,
): Reason[] {
  const names = Object.keys(given);
  if (names.length === 0) return [];
  const parsed = schema.safeParse(given);
  const wrong = parsed.success ? [] : schemaReasons(parsed.error);
  const strangers = names.flatMap((name): Reason[] => {
    if (known.includes(name)) return [];
    const said = fault(name, [...known, ...attributes], attributes);
    return said === undefined
      ? []
      : [{ code: 'schema_error', path: `/${name.slice(0, 64)}`, message: said, kind: 'invalid' }];
  });
  return [...wrong, ...strangers].map((reason) => ({ ...reason, path: `${at}${reason.path ?? ''}` }));
}

const misplaced = (names: readonly string[], given: JsonObject, at: string, where: string): Reason[] =>
  names
    .filter((name) => given[name] !== undefined)
    .map((name) => ({
      code: 'schema_error',
      path: `${at}/${name}`,
      message: `${name} belongs to ${where}`,
      kind: 'invalid',
    }));

const stranger = (name: string, known: readonly string[]): Reason => ({
  code: 'schema_error',
  path: `/resource/${name.slice(0, 64)}`,
  message: unknownMember(name, ['type', 'id', 'properties', ...known]),
  kind: 'invalid',
});

function fault(name: string, known: readonly string[], attributes: readonly string[]): string | undefined {
  if (attributes.includes(name))
    return COMPUTED.has(name) ? `${name} is worked out, not declared; leave it out` : undefined;
  return nearest(name, known) === undefined ? undefined : unknownMember(name, known);
}

/** A role by another spelling would pass the forbids that name it. */
function misspeltRoles(charter: Charter, { role, roles }: JsonObject): Reason[] {
  const known = [...charter.roles.keys()];
  const given = [
    ...(Array.isArray(roles) ? roles.map((each, index) => [each, `roles/${index}`] as const) : []),
    [role, 'role'] as const,
  ];
  return given.flatMap(([each, at]): Reason[] => {
    const meant = typeof each === 'string' ? nearest(each, known) : undefined;
    if (meant === undefined) return [];
    const message = `no such role; did you mean ${meant}?`;
    return [{ code: 'schema_error', path: `/subject/properties/${at}`, message, kind: 'invalid' }];
  });
}

/** Nearest actor first: a list of names, or RFC 8693 §4.1 as tokens have it. Undefined: neither. */
export function actorsOf(act: unknown): string[] | undefined {
  if (act === undefined) return [];
  const list = names.safeParse(act);
  if (list.success) return list.data;
  const chain: string[] = [];
  let actor: unknown = act;
  while (actor !== undefined) {
    const parsed = link.safeParse(actor);
    // More than the charter's deepest chain is refused by depth, not followed.
    if (!parsed.success || chain.length > 2) return undefined;
    const { iss, sub } = parsed.data;
    chain.push(iss === undefined ? sub : `${iss} ${sub}`);
    actor = parsed.data.act;
  }
  return chain;
}
const link = open({ sub: exact, iss: exact.optional(), act: z.unknown().optional() });
