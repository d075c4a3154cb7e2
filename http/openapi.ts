/** The OpenAPI document, made from the routes themselves: a route cannot be missing from it. */
import * as z from 'zod';
import { ERRORS, REASON_KINDS } from '../src/errors.ts';
import type { Json, JsonObject } from '../src/json.ts';
import { ANSWERS } from './answers.ts';
import { represented } from './conditional.ts';
import { exampleFor } from './examples.ts';
import type { RouteFamily, RouteSpec } from './routes.ts';

/** What each tag holds. A tag is served by one function on AWS. */
const TAGS: Readonly<Record<string, string>> = {
  workflows: 'What may be run, running it, and how it ended',
  console: 'The page for people, and what it loads',
  decisions: 'Asking whether something is allowed, without running it',
  authzen: 'The same in the words of OpenID AuthZEN 1.0',
  tools: 'What came of calls of tools',
  flags: 'Feature flags of the charter in force',
  mcp: 'The office as a server of the Model Context Protocol',
  approvals: 'What waits for people, and their word on it',
  emergency: 'Stopping and releasing',
  limits: 'Rate limits of principals',
  maintenance: 'Draining, legal holds and pruning',
  missions: 'What calls of tools are for',
  charter: 'The charter in force, drafts, putting one in force, and which metrics may be collected',
  violations: 'Cases about conduct that breaks the charter',
  sanctions: 'What principals are under',
  healing: 'What the loop does about violations',
  overrides: 'Workflows that run without an approval for a time',
  whistleblower: 'Reports without a name',
  revocations: 'Ending access, exporting and erasing what is held of a person',
  ledger: 'Reading, proving and verifying the ledger',
  metrics: 'Figures',
  health: 'Is it up, is it well',
  slo: 'Service levels',
  alerts: 'What fires, and who was told',
  deployments: 'Deployments and how delivery goes',
  notifications: 'What other systems notify',
};

/** OpenAPI 3.1 (whose schemas are JSON Schema 2020-12). */
export function openApi(routes: readonly RouteSpec[], version: string): JsonObject {
  const schemas: Record<string, Json> = { Problem: problemSchema() };
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes.filter(isOperation)) {
    const path = route.path.replaceAll(/:([A-Za-z_]+)(?:\{[^}]*\})?/g, (_, name: string) => `{${name}}`);
    paths[path] = { ...paths[path], [route.method]: operation(route, path, schemas) };
  }
  const tags = [...new Set(routes.filter(isOperation).map(({ tag }) => tag))].sort();
  return {
    openapi: '3.1.0',
    info: {
      title: 'Chancery',
      version,
      description:
        'Governs what agents, services and people may run. Every answer that refuses is an RFC 9457 problem document.',
      contact: { name: 'Whoever runs this installation' },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: 'http://127.0.0.1:8787', description: 'The local runtime' },
      {
        url: 'https://{api}.execute-api.{region}.amazonaws.com/v1',
        description: 'A deployed environment: its stack says which',
        variables: { api: { default: 'api-id' }, region: { default: 'eu-central-1' } },
      },
    ],
    tags: tags.map((name) => ({ name, description: TAGS[name] ?? name })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A token of a trusted issuer. Each operation names the one scope that guards it.',
        },
      },
      parameters: PARAMETERS,
      headers: HEADERS,
      responses: RESPONSES,
      schemas,
    },
  };
}

/** What answers is described; where a WebSocket begins, OpenAPI has no words, and generators no use for it. */
const isOperation = ({ responses = {} }: RouteSpec): boolean => !(101 in responses);

/** `GET /openapi.json`: the document of what this process serves. */
export function openApiRoutes(routes: () => readonly RouteSpec[], version: string): RouteFamily {
  return (mount) => {
    mount(
      { method: 'get', path: '/openapi.json', scope: null, summary: 'This document', tag: 'health' },
      (c) =>
        represented(c, {
          content: JSON.stringify(openApi(routes(), version)),
          type: 'application/json',
          cacheControl: 'no-cache',
        }),
    );
  };
}

const text = { type: 'string' };
const header = (description: string, schema: JsonObject = text): JsonObject => ({ description, schema });

const HEADERS: JsonObject = {
  'X-Trace-ID': header('The trace that this request is part of'),
  'X-Request-ID': header('The id of this request'),
  'WWW-Authenticate': header('What to bring (RFC 6750 §3)'),
  'Retry-After': header('Seconds until another try is worth it', { type: 'integer' }),
  'Accept-Post': header('The media type that the route takes'),
  Location: header('Where it can be followed'),
};
const PARAMETERS: JsonObject = {
  traceId: {
    name: 'X-Trace-ID',
    in: 'header',
    description: 'The trace to go by, where well formed; else `traceparent`, else a new one',
    schema: text,
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'One key, one run: the first answer again for 24 hours',
    schema: text,
  },
};
const shown = (...names: string[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
const ALWAYS = ['X-Trace-ID', 'X-Request-ID'];

function refusal(description: string, ...headers: string[]): JsonObject {
  return {
    description,
    headers: shown(...ALWAYS, ...headers),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

/** Refusals that mean the same on every route. */
const RESPONSES: JsonObject = {
  NotAsked: refusal('The request is not acceptable; `reasons` name the fields'),
  Unauthorized: refusal('No token, or a bad one', 'WWW-Authenticate'),
  Forbidden: refusal('The token lacks the scope, or the principal is under a sanction', 'WWW-Authenticate'),
  NotFound: refusal('There is no such resource'),
  NotAcceptable: refusal('The answer cannot be had in a form that the client accepts'),
  TooLarge: refusal('The body is larger than 1 MB'),
  NotJson: refusal('The body is no JSON', 'Accept-Post'),
  TooMany: refusal('Over a limit', 'Retry-After'),
  Unavailable: refusal(
    'Stopped, draining, or something that is needed is away; nothing was done',
    'Retry-After',
  ),
  Refused: refusal('A problem document'),
};
const common = (name: string): JsonObject => ({ $ref: `#/components/responses/${name}` });

function operation(route: RouteSpec, path: string, schemas: Record<string, Json>): JsonObject {
  const key = `${route.method} ${route.path.replaceAll(/\{[^}]*\}/g, '')}`;
  const operationId = `${route.method}${path.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())}`;
  const parameters = [...pathParameters(route, path), ...queryParameters(route, schemas)];
  if (key === 'post /workflows/governed/execute')
    parameters.push({ $ref: '#/components/parameters/idempotencyKey' });
  if (route.anonymous !== true) parameters.push({ $ref: '#/components/parameters/traceId' });
  const example = exampleFor(key);
  return {
    operationId,
    summary: route.summary,
    description: described(route),
    tags: [route.tag],
    security: route.scope === null ? [] : [{ bearer: [route.scope] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: schemaOf(route.body, schemas),
                ...(example === undefined ? {} : { example }),
              },
            },
          },
        }
      : {}),
    responses: responsesOf(route, key, schemas),
  };
}

const described = ({ scope, summary }: RouteSpec): string =>
  scope === null ? `${summary}. Takes no token.` : `${summary}. Guarded by the scope \`${scope}\`.`;

function responsesOf(route: RouteSpec, key: string, schemas: Record<string, Json>): JsonObject {
  const declared = Object.entries(route.responses ?? { 200: { description: 'Done' } });
  return {
    ...Object.fromEntries(
      declared.map(([status, answer]) => [
        status,
        Number(status) >= 400
          ? refusal(answer.description, ...(status === '429' || status === '503' ? ['Retry-After'] : []))
          : {
              description: answer.description,
              headers: shown(...ALWAYS, ...(status === '202' ? ['Location'] : [])),
              content: contentOf(
                route,
                answer.schema ?? ANSWERS[`${key} ${status}`] ?? ANSWERS[key],
                schemas,
              ),
            },
      ]),
    ),
    ...(route.body ? missing(route, { 400: 'NotAsked', 413: 'TooLarge', 415: 'NotJson' }) : {}),
    ...(route.query ? missing(route, { 400: 'NotAsked' }) : {}),
    ...(route.path.includes(':') ? missing(route, { 404: 'NotFound' }) : {}),
    ...(route.scope === null
      ? {}
      : missing(route, { 401: 'Unauthorized', 403: 'Forbidden', 429: 'TooMany', 503: 'Unavailable' })),
    ...missing(route, { 406: 'NotAcceptable' }),
    default: common('Refused'),
  };
}

/** Refusals of every such route that this one does not describe itself. */
const missing = ({ responses = {} }: RouteSpec, names: Readonly<Record<number, string>>): JsonObject =>
  Object.fromEntries(
    Object.entries(names)
      .filter(([status]) => !(status in responses))
      .map(([status, name]) => [status, common(name)]),
  );

/** What is no JSON is text or bytes, of which a schema says no more. */
function contentOf(
  { produces = ['application/json'] }: RouteSpec,
  schema: z.ZodType | undefined,
  schemas: Record<string, Json>,
): JsonObject {
  return Object.fromEntries(
    produces.map((type) => [
      type,
      {
        schema:
          type === 'application/json'
            ? schema === undefined
              ? { type: 'object', additionalProperties: true }
              : schemaOf(schema, schemas, 'output')
            : type === 'application/octet-stream'
              ? { type: 'string', contentMediaType: type }
              : text,
      },
    ]),
  );
}

function pathParameters(route: RouteSpec, path: string): JsonObject[] {
  // OpenAPI 3.1 has no word for a parameter that holds slashes, and API Gateway must be told (lib/routes.ts).
  const spans = (name: string) => route.path.includes(`:${name}{.+}`);
  return [...path.matchAll(/\{([A-Za-z_]+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: text,
    ...(spans(name) ? { 'x-spans-segments': true } : {}),
  }));
}

function queryParameters(route: RouteSpec, schemas: Record<string, Json>): JsonObject[] {
  if (!route.query) return [];
  const schema = schemaOf(route.query, schemas);
  const properties = schema.properties as Record<string, JsonObject> | undefined;
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(properties ?? {}).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema: property,
  }));
}

/** Schemas that have a name go to the components, so that a generated client has one type for each. */
function schemaOf(
  schema: z.ZodType,
  schemas: Record<string, Json>,
  io: 'input' | 'output' = 'input',
): JsonObject {
  const made = JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  const local: JsonObject = JSON.parse(made.replaceAll('"#/$defs/', '"#/components/schemas/'), forGenerators);
  const { $schema: _, $defs: definitions, ...rest } = local;
  for (const [name, definition] of Object.entries((definitions ?? {}) as JsonObject)) {
    const { id: __, ...named } = definition as JsonObject;
    schemas[name] = named;
  }
  return rest;
}

/** What many generators of clients cannot read, said in words that they know. It takes nothing that is not taken as described. */
function forGenerators(key: string, value: unknown): unknown {
  // A default that is no plain value: Java's would be written as it stands here.
  if (key === 'default' && typeof value === 'object' && value !== null) return undefined;
  if (!isObject(value)) return value;
  const { type, anyOf, ...rest } = value;
  // A list of whole numbers: zod says of each literal that it is a number.
  if (type === 'number' && Array.isArray(rest.enum) && rest.enum.every(Number.isInteger))
    return { ...rest, type: 'integer' };
  // One type for each schema.
  if (Array.isArray(type))
    return { anyOf: type.map((one: unknown) => (one === 'null' ? { type: one } : { ...rest, type: one })) };
  // One or a list of them: the list. Java has no class of this name.
  if (Array.isArray(anyOf) && anyOf.length === 2) {
    const [one, many]: unknown[] = anyOf;
    if (isObject(many) && many.type === 'array' && JSON.stringify(many.items) === JSON.stringify(one))
      return { ...rest, ...many };
  }
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function problemSchema(): JsonObject {
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code', 'error', 'reasons', 'trace_id'],
    properties: {
      type: { ...text, format: 'uri-reference', description: 'Leads to what the code means' },
      title: text,
      status: { type: 'integer' },
      detail: text,
      instance: text,
      code: { type: 'string', enum: Object.keys(ERRORS) },
      error: text,
      reasons: {
        type: 'array',
        items: {
          type: 'object',
          required: ['code', 'message', 'kind'],
          properties: {
            code: text,
            policy_id: text,
            path: text,
            message: text,
            kind: { type: 'string', enum: [...REASON_KINDS] },
          },
        },
      },
      trace_id: text,
      decision_id: text,
    },
  };
}
