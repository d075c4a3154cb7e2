/**
 * The CDK application: `npx cdk deploy --all -c env=dev -c issuer=https://… -c audience=chancery`.
 * Functions are bundled first, since bundling is asynchronous and CDK is not.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { addStacks } from '../lib/chancery-app.ts';
import { docsUrlOf } from '../lib/docs-url.ts';
import { environmentOf } from '../lib/environments.ts';
import { ALL_FUNCTIONS, WATCH_FUNCTIONS } from '../lib/functions.ts';
import { readOpenApi, routesOf } from '../lib/routes.ts';
import { checkSaid, type SaidKey } from '../lib/said.ts';
import { readWorkflows } from '../lib/workflows.ts';
import { versionOf } from '../local/version.ts';
import { bundleAll } from '../scripts/bundle.ts';

const app = new App();
checkSaid(app.node.getAllContext());
const said = (key: SaidKey): unknown => app.node.tryGetContext(key);
/** Undefined where this is no clone, as in an archive of the sources. */
function asked(...git: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', git, { cwd: import.meta.dirname, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
const head = asked('rev-parse', 'HEAD');
const commit = said('commit') ?? (/^[0-9a-f]{40}$/.test(head ?? '') ? head : undefined);
const environment = environmentOf({
  env: said('env'),
  account: said('account') ?? process.env.CDK_DEFAULT_ACCOUNT,
  region: said('region') ?? process.env.CDK_DEFAULT_REGION,
  issuer: said('issuer'),
  audience: said('audience'),
  jwks: said('jwks'),
  deployEndpoint: said('deployEndpoint'),
  commit,
  docs: said('docs') ?? docsUrlOf(asked('remote', 'get-url', 'origin'), String(commit)),
  concurrency: said('concurrency'),
  origins: said('origins'),
});
// Of the code, as every certificate and record of it says; `-c version=` for a build that is not a release.
const version = String(said('version') ?? versionOf(resolve(import.meta.dirname, '..')));
const bundles = await bundleAll(
  [...ALL_FUNCTIONS, ...WATCH_FUNCTIONS],
  resolve(import.meta.dirname, '../dist/lambdas'),
  version,
);
addStacks(app, {
  environment,
  standIn: said('stand-in') === 'true',
  workflows: readWorkflows(),
  routes: routesOf(readOpenApi()),
  version,
  code: (name) => {
    const found = bundles.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no bundle ${name}`);
    return found.folder;
  },
});
app.synth();
