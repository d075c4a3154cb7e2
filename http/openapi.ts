/** The OpenAPI document, made from the routes themselves: a route cannot be missing from it. */
import * as z from 'zod';
import { ERRORS, REASON_KINDS } from '../src/errors.ts';
import type { Json, JsonObject } from '../src/json.ts';
import { represented } from './conditional.ts';
import type { RouteFamily, RouteSpec } from './routes.ts';

/** OpenAPI 3.1 (whose schemas are JSON Schema 2020-12). */
export function openApi(routes: readonly RouteSpec[], version: string): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:([A-Za-z_]+)(?:\{[^}]*\})?/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, path) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Chancery',
      version,
      description:
        'Governs what agents, services and people may run. Every answer that refuses is an RFC 9457 problem document.',
    },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: problemSchema() },
    },
  };
}

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

function operation(route: RouteSpec, path: string): JsonObject {
  const names = [...path.matchAll(/\{([A-Za-z_]+)\}/g)].map((match) => match[1] ?? '');
  // OpenAPI 3.1 has no word for a parameter that holds slashes, and API Gateway must be told (lib/routes.ts).
  const spans = (name: string) => route.path.includes(`:${name}{.+}`);
  return {
    operationId: `${route.method}${path.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())}`,
    summary: route.summary,
    tags: [route.tag],
    security: route.scope === null ? [] : [{ bearer: [route.scope] }],
    ...(names.length + queryParameters(route).length > 0
      ? {
          parameters: [
            ...names.map((name) => ({
              name,
              in: 'path',
              required: true,
              schema: { type: 'string' },
              ...(spans(name) ? { 'x-spans-segments': true } : {}),
            })),
            ...queryParameters(route),
          ],
        }
      : {}),
    ...(route.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body) } } } }
      : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses ?? { 200: { description: 'Done' } }).map(([status, answer]) => [
          status,
          {
            description: answer.description,
            ...(answer.schema
              ? { content: { 'application/json': { schema: schemaOf(answer.schema) } } }
              : {}),
          },
        ]),
      ),
      ...(route.scope === null ? {} : { 401: refused('No token, or a bad one') }),
      default: refused('A problem document'),
    },
  };
}

function queryParameters(route: RouteSpec): JsonObject[] {
  if (!route.query) return [];
  const schema = schemaOf(route.query);
  const properties = schema.properties as Record<string, JsonObject> | undefined;
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(properties ?? {}).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema: property,
  }));
}

function schemaOf(schema: z.ZodType): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest as JsonObject;
}

function refused(description: string): JsonObject {
  return {
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function problemSchema(): JsonObject {
  const text = { type: 'string' };
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code', 'error', 'reasons', 'trace_id'],
    properties: {
      type: text,
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
            kind: { enum: [...REASON_KINDS] },
          },
        },
      },
      trace_id: text,
      decision_id: text,
    },
  };
}
