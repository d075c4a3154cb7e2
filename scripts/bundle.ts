/**
 * Bundles every function of `lambdas/` for Node 24 on Lambda: one ES module each, SDK included, the Cedar
 * wasm and the data that it carries beside it. CDK takes the folders as they are.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BuildResult, build, type Metafile, type Plugin } from 'esbuild';
import type { FunctionSpec } from '../lib/functions.ts';

const ROOT = resolve(import.meta.dirname, '..');

export interface Bundle {
  readonly name: string;
  /** What CDK uploads. */
  readonly folder: string;
  readonly metafile: Metafile;
}

/** Zod carries forty languages of error messages; ours speaks one. */
const oneLanguage: Plugin = {
  name: 'zod-in-one-language',
  setup(build) {
    build.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

/**
 * S3's client describes each of its hundred operations by a list that names others, which a bundler must keep
 * unless it is told that making a list does nothing else.
 */
const onlyTheSchemasInUse: Plugin = {
  name: 'only-the-schemas-in-use',
  setup(build) {
    build.onLoad({ filter: /client-s3[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        /^export var (\w+\$) = (\[.*\n(?:[ \t].*\n)*\]);$/gm,
        'export var $1 = /* @__PURE__ */ (() => $2)();',
      ),
      loader: 'js',
    }));
  },
};

/** On Lambda credentials are in the environment: the rest of the SDK's chain would never run. */
const oneCredentialSource: Plugin = {
  name: 'credentials-from-the-environment',
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: join(ROOT, 'adapters/aws/environment-credentials.ts'),
    }));
  },
};

/** Some dependencies are CommonJS and look for `require` and their own folder: an ES module has neither. */
const BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { dirname as __dirnameOf } from 'node:path';",
  "import { fileURLToPath as __pathOf } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __pathOf(import.meta.url);',
  'const __dirname = __dirnameOf(__filename);',
].join('\n');

/** Bundles into `{output}/{name}/`; the folder is made anew. Throws with esbuild's messages on any error. */
export async function bundle(spec: FunctionSpec, output: string, version: string): Promise<Bundle> {
  const folder = join(output, spec.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const built: BuildResult<{ metafile: true }> = await build({
    absWorkingDir: ROOT,
    entryPoints: [`lambdas/${spec.name}.ts`],
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    minify: true,
    legalComments: 'none',
    sourcemap: false,
    metafile: true,
    banner: { js: `// chancery ${version} ${spec.name}\n${BANNER}` },
    plugins: [oneLanguage, onlyTheSchemasInUse, oneCredentialSource],
    // Required by the remote-write library only where no fetch is given; ours always is.
    external: ['node-fetch'],
    logLevel: 'error',
  });
  for (const each of spec.carries ?? []) carry(each, folder);
  return { name: spec.name, folder, metafile: built.metafile };
}

function carry(what: NonNullable<FunctionSpec['carries']>[number], folder: string): void {
  if (what === 'cedar') {
    const from = join(ROOT, 'node_modules/@cedar-policy/cedar-wasm/nodejs');
    cpSync(join(from, 'cedar_wasm_bg.wasm'), join(folder, 'cedar_wasm_bg.wasm'));
    // Once more beside the bundle, to be loaded anew when an instance ends.
    cpSync(join(from, 'cedar_wasm.js'), join(folder, 'cedar_wasm.cjs'));
    return;
  }
  const from = join(ROOT, what === 'dashboards' ? 'dashboards/grafana' : what);
  if (!existsSync(from)) throw new Error(`${what}/ is missing, but a function carries it`);
  cpSync(from, join(folder, what), { recursive: true });
}

/** Bundles them all. */
export async function bundleAll(
  specs: readonly FunctionSpec[],
  output: string,
  version: string,
): Promise<Bundle[]> {
  const bundles: Bundle[] = [];
  for (const spec of specs) bundles.push(await bundle(spec, output, version));
  return bundles;
}
