/** Synthesises an environment for the tests: real stacks, real checks, and a handler of one line as code. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { addStacks, type Stacks } from '../../lib/chancery-app.ts';
import { type EnvironmentName, environmentOf } from '../../lib/environments.ts';
import { type ApiRoute, readOpenApi, routesOf } from '../../lib/routes.ts';
import { readWorkflows } from '../../lib/workflows.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';

export interface Synthesised {
  readonly stacks: Stacks;
  readonly ledger: Template;
  readonly gate: Template;
  readonly routes: readonly ApiRoute[];
  /** Folder with the templates as the CLI would deploy them. */
  readonly assembly: string;
}

const made = new Map<EnvironmentName, Synthesised>();

/** The templates of one environment, synthesised once per test process with the context of cdk.json. */
export function synthesise(name: EnvironmentName): Synthesised {
  const known = made.get(name);
  if (known) return known;
  const code = mkdtempSync(join(tmpdir(), 'chancery-code-'));
  const { context } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../cdk.json'), 'utf8'));
  const app = new App({ context, outdir: mkdtempSync(join(tmpdir(), 'chancery-cdk-')) });
  const routes = routesOf(readOpenApi());
  const stacks = addStacks(app, {
    environment: environmentOf({
      env: name,
      account: ACCOUNT,
      region: REGION,
      issuer: 'https://issuer.example.org',
      audience: 'chancery',
    }),
    workflows: readWorkflows(),
    routes,
    code: (each) => {
      const folder = join(code, each);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'index.mjs'), `export const handler = async () => '${each}';\n`);
      return folder;
    },
  });
  const assembly = app.synth().directory;
  const synthesised = {
    stacks,
    ledger: Template.fromStack(stacks.ledger),
    gate: Template.fromStack(stacks.gate),
    routes,
    assembly,
  };
  made.set(name, synthesised);
  return synthesised;
}
