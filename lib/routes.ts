/**
 * The routes of the API, read from the OpenAPI document that the application itself generates: no route is
 * written down twice, and one that the application does not have answers 404 at the edge.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FUNCTIONS } from './functions.ts';

export interface ApiRoute {
  /** `GET`. */
  readonly method: string;
  /** `/executions/{id}`; `{name+}` takes the rest of the path, slashes included, as API Gateway writes it. */
  readonly path: string;
  /** Name of the function that answers. */
  readonly function: string;
  /** No token needed: the authorizer is not asked. */
  readonly open: boolean;
}

interface Parameter {
  readonly name: string;
  readonly 'x-spans-segments'?: boolean;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Routes of the one-machine system that are something else on AWS. */
const NOT_ON_THE_API: Readonly<Record<string, string>> = {
  notifications:
    'Managed Prometheus and CloudWatch tell the notifier through SNS (watch stack), not through the API',
};

const METHODS = ['get', 'post', 'put', 'delete'];

/** Every route, in the order of the document. Throws when a tag belongs to no function. */
export function routesOf(document: OpenApi): ApiRoute[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method, { tags }]) => METHODS.includes(method) && !(tags?.[0] && tags[0] in NOT_ON_THE_API))
      .map(([method, operation]) => ({
        method: method.toUpperCase(),
        path: greedy(path, operation.parameters),
        function: functionFor(operation.tags?.[0], `${method} ${path}`),
        open: operation.security?.length === 0,
      })),
  );
}

function greedy(path: string, parameters: readonly Parameter[] = []): string {
  return parameters
    .filter((each) => each['x-spans-segments'])
    .reduce((told, { name }) => told.replace(`{${name}}`, `{${name}+}`), path);
}

function functionFor(tag: string | undefined, route: string): string {
  const found = FUNCTIONS.api.find((each) => tag !== undefined && each.serves.includes(tag));
  if (found === undefined)
    throw new Error(`${route}: no function in lib/functions.ts serves the tag "${tag}"`);
  return found.name;
}

/** The document as committed. */
export function readOpenApi(): OpenApi {
  return JSON.parse(readFileSync(resolve(import.meta.dirname, '../docs/openapi.json'), 'utf8'));
}
