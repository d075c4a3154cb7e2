/** Synthesises an environment for the tests: real stacks, real checks, and a handler of one line as code. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { addStacks, type Stacks } from '../../lib/chancery-app.ts';
import { type EnvironmentName, environmentOf, type Overrides } from '../../lib/environments.ts';
import { type ApiRoute, readOpenApi, routesOf } from '../../lib/routes.ts';
import { readWorkflows } from '../../lib/workflows.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';
export const ISSUER = 'https://issuer.example.org';

export const routes: readonly ApiRoute[] = routesOf(readOpenApi());
export const workflows = readWorkflows();

export const { context } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../cdk.json'), 'utf8'));
const code = mkdtempSync(join(tmpdir(), 'chancery-code-'));

/** The stacks of one environment with the context of cdk.json, not synthesised yet. */
export function addEnvironment(
  name: EnvironmentName,
  given: Overrides = {},
): { readonly app: App; readonly stacks: Stacks } {
  const app = new App({ context, outdir: mkdtempSync(join(tmpdir(), 'chancery-cdk-')) });
  const stacks = addStacks(app, {
    environment: environmentOf({
      env: name,
      account: ACCOUNT,
      region: REGION,
      issuer: ISSUER,
      audience: 'chancery',
      ...given,
    }),
    workflows,
    routes,
    version: '0.0.0',
    code: (each) => {
      const folder = join(code, each);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'index.mjs'), `export const handler = async () => '${each}';\n`);
      return folder;
    },
  });
  return { app, stacks };
}

export interface Synthesised {
  readonly stacks: Stacks;
  readonly ledger: Template;
  readonly gate: Template;
  readonly watch: Template;
}

const made = new Map<EnvironmentName, Synthesised>();

/** The templates of one environment, made once per test file. Throws when a check finds anything. */
export function synthesise(name: EnvironmentName): Synthesised {
  const known = made.get(name);
  if (known) return known;
  const { app, stacks } = addEnvironment(name);
  app.synth();
  const synthesised = {
    stacks,
    ledger: Template.fromStack(stacks.ledger),
    gate: Template.fromStack(stacks.gate),
    watch: Template.fromStack(stacks.watch),
  };
  made.set(name, synthesised);
  return synthesised;
}

/** A resource of a template as its test reads it. */
export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** Logical id and resource, of one type. */
export function resourcesOf(template: Template, type: string): readonly (readonly [string, Resource])[] {
  return Object.entries(template.findResources(type)).map(([id, found]) => [
    id,
    { Type: type, Properties: {}, ...found },
  ]);
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** The statements of a policy document in a template. */
export function statementsOf(document: unknown): readonly Statement[] {
  if (typeof document !== 'object' || document === null || !('Statement' in document)) return [];
  return Array.isArray(document.Statement) ? document.Statement : [];
}

export const listed = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? value : [value as T];
