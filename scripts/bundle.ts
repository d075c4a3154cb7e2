/**
 * Bundles every function of `lambdas/` for Node 24 on Lambda: one ES module each, SDK included, the Cedar
 * wasm and the data that it carries beside it. CDK takes the folders as they are.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { type BuildResult, build, type Metafile, type Plugin } from 'esbuild';
import * as z from 'zod';
import { ROUTES, readAhead } from '../adapters/bundled-files.ts';
import { buildConsole } from '../console/build.ts';
import type { FunctionSpec } from '../lib/functions.ts';
import { readOpenApi, routesOf } from '../lib/routes.ts';
import { readYaml } from '../src/basics/yaml.ts';

const ROOT = resolve(import.meta.dirname, '..');

export interface Bundle {
  readonly name: string;
  /** What CDK uploads; `index.mjs` in it is the function, with further files that it imports. */
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
 * Zod makes code of a schema when it is first asked, which a long life pays for. A function's first execution asks dozens of them once:
 * it takes 56 ms of the processor without, not 65, and a later one what it took (`npm run bench -- billed`).
 */
const schemasAsTheyAre: Plugin = {
  name: 'schemas-as-they-are',
  setup(build) {
    build.onLoad({ filter: /zod[\\/]v4[\\/]core[\\/]core\.js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\nglobalConfig.jitless = true;`,
      loader: 'js',
    }));
  },
};

/** Only `observe` describes the API: in the others nobody asks zod for a JSON Schema. `bundle` checks that. */
const DESCRIBES_THE_API = 'http/openapi.ts';
const withoutJsonSchemas: Plugin = {
  name: 'without-json-schemas',
  setup(build) {
    build.onLoad({ filter: /zod[\\/]v4[\\/]core[\\/]to-json-schema\.js$/ }, ({ path }) => ({
      contents: [...readFileSync(path, 'utf8').matchAll(/^export (?:function|const) (\w+)/gm)]
        .map(([, name]) => `export const ${name} = ${name?.startsWith('create') ? '() => none' : 'none'};`)
        .concat("function none() { throw new Error('no JSON Schemas here'); }")
        .concat('export { processSchema as process };')
        .join('\n'),
      loader: 'js',
    }));
    build.onLoad({ filter: /zod[\\/]v4[\\/]classic[\\/]schemas\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(/^\s*inst\._zod\.processJSONSchema = .*;$/gm, ''),
      loader: 'js',
    }));
  },
};

const ADAPTERS = join(ROOT, 'adapters/aws');
const adapters = readdirSync(ADAPTERS).map((name) => readFileSync(join(ADAPTERS, name), 'utf8'));
const isNamedInAdapters = (name: string): boolean =>
  adapters.some((text) => new RegExp(`\\b${name}\\b`).test(text));

/**
 * A client of the SDK describes each of its operations by a list that names others, which a bundler must keep unless
 * it is told that making a list does nothing else. And it registers a class for each error of its service: one that
 * no adapter names comes as the service's general class, with the same name, fault and message.
 */
const onlyTheSchemasInUse: Plugin = {
  name: 'only-the-schemas-in-use',
  setup(build) {
    build.onLoad({ filter: /client-\w+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replaceAll(/^n0_registry\.registerError\(\w+\$, (\w+)\);$/gm, (line, name: string) =>
          isNamedInAdapters(name) ? line : '',
        )
        .replaceAll(
          /^export var (\w+\$) = (\[.*\n(?:[ \t].*\n)*\]);$/gm,
          'export var $1 = /* @__PURE__ */ (() => $2)();',
        ),
      loader: 'js',
    }));
    // Of its own package it tells the servers name and version.
    build.onLoad({ filter: /@aws-sdk[\\/]client-\w+[\\/]package\.json$/ }, ({ path }) => {
      const { name, version } = z
        .object({ name: z.string(), version: z.string() })
        .parse(JSON.parse(readFileSync(path, 'utf8')));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
  },
};

/**
 * The charter and the workflows lie beside a function as the JSON that they mean (`carry`), so that YAML is read only
 * of a charter that was activated or is proposed: its parser is a file beside the bundle, loaded when it is called.
 */
const yamlWhenItIsRead: Plugin = {
  name: 'yaml-when-it-is-read',
  setup(build) {
    build.onResolve({ filter: /^yaml$/ }, () => ({ path: 'yaml', namespace: 'lazy', sideEffects: false }));
    build.onResolve({ filter: /^\.\/yaml\.cjs$/ }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /^yaml$/, namespace: 'lazy' }, () => ({
      contents: [
        "const yaml = () => require('./yaml.cjs');",
        'export const isMap = (node) => yaml().isMap(node);',
        'export const parseDocument = (...given) => yaml().parseDocument(...given);',
        'export const stringify = (...given) => yaml().stringify(...given);',
        'export function LineCounter() { return new (yaml().LineCounter)(); }',
      ].join('\n'),
      loader: 'js',
    }));
  },
};

/**
 * Modules that are files beside the bundle, each loaded with the first call of its function: the table of look-alikes
 * (34 KB) by the first comparison of names, OpenTelemetry's format (16 KB) by the first span that is kept, the pages of the
 * quarterly report (2 KB) by the first that is asked for, what the documents of a charter must be to each other (13 KB) by
 * the first charter that is read, which of a log's checkpoints is the newest (4 KB) by the first verification. None of them throws an
 * error of ours or looks at one: its class would be another there.
 */
const LOADED_LATE = [
  { module: 'src/basics/confusables.ts', gives: 'confusables', file: 'confusables.cjs' },
  { module: 'adapters/traces/otlp-bytes.ts', gives: 'otlpBytes', file: 'otlp-bytes.cjs' },
  { module: 'src/charter/checks.ts', gives: 'checkMeaning', file: 'charter-checks.cjs' },
  { module: 'src/govern/quarterly/render.ts', gives: 'written', file: 'quarterly-page.cjs' },
  { module: 'src/ledger/check/heads-check.ts', gives: 'findHeads', file: 'heads-check.cjs' },
] as const;
const loadedLate: Plugin = {
  name: 'loaded-late',
  setup(build) {
    // One that is made into such a file itself is not taken out of it.
    const made = Object.values(build.initialOptions.entryPoints ?? {});
    for (const { module, gives, file } of LOADED_LATE) {
      if (made.includes(module)) continue;
      const path = new RegExp(`${module.replaceAll('/', '[\\\\/]').replaceAll('.', '\\.')}$`);
      build.onLoad({ filter: path }, () => ({
        contents: `export const ${gives} = (...given) => require('./${file}').${gives}(...given);`,
        loader: 'js',
      }));
      build.onResolve({ filter: new RegExp(`^\\./${file.replace('.', '\\.')}$`) }, ({ path }) => ({
        path,
        external: true,
      }));
    }
  },
};

/** Compiled policies decide, and the charter was read when the function was built: Cedar is loaded when it is first asked. */
const CEDAR = '@cedar-policy/cedar-wasm/nodejs';
const cedarWhenItIsAsked: Plugin = {
  name: 'cedar-when-it-is-asked',
  setup(build) {
    const filter = /^@cedar-policy\/cedar-wasm\/nodejs$/;
    build.onResolve({ filter }, () => ({ path: CEDAR, namespace: 'cedar', sideEffects: false }));
    build.onResolve({ filter: /^\.\/cedar_wasm\.cjs$/ }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter, namespace: 'cedar' }, () => ({
      contents: Object.keys(cedar)
        .filter((name) => /^\w+$/.test(name) && name !== 'default')
        .map((name) => `export const ${name} = (...given) => require('./cedar_wasm.cjs').${name}(...given);`)
        .join('\n'),
      loader: 'js',
    }));
  },
};

/**
 * Imported as an ES module, a part of Node is asked for all that it exports, and loads what is behind its getters: the WebSocket, the
 * terminal, WebCrypto. Got as it is, it is asked for what is used; required, it would have the loader of CommonJS made first.
 */
const partsOfNodeAsTheyAreUsed: Plugin = {
  name: 'parts-of-node-as-they-are-used',
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?[a-z_\d/]+$/ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path)
        ? { path: `node:${path.replace(/^node:/, '')}`, namespace: 'part-of-node', sideEffects: false }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'part-of-node' }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter(
        (name) => /^\w+$/.test(name) && name !== 'default',
      );
      const late = USED_LATE[path];
      return {
        contents:
          late === undefined
            ? [
                `const part = process.getBuiltinModule('${path}');`,
                'export default part;',
                ...names.map((name) => `export const ${name} = /* @__PURE__ */ (() => part.${name})();`),
              ].join('\n')
            : late
                .map(
                  (name) =>
                    `export const ${name} = (...given) => process.getBuiltinModule('${path}').${name}(...given);`,
                )
                .join('\n'),
        loader: 'js',
      };
    });
  },
};
/** Parts of Node of which some functions are called, by no start: to compress, to sum up, to send spans, to load Cedar's file. */
const USED_LATE: Readonly<Record<string, readonly string[]>> = {
  'node:zlib': ['crc32', 'createGzip', 'gzip'],
  'node:dgram': ['createSocket'],
  'node:module': ['createRequire'],
};

/** What the SDK would load while it runs, and no call of ours has it load: streams of events, the names of browsers. */
const NEVER_LOADED = /^(?:@smithy\/core\/event-streams|bowser)$/;
const withoutWhatIsNeverLoaded: Plugin = {
  name: 'without-what-is-never-loaded',
  setup(build) {
    build.onResolve({ filter: NEVER_LOADED }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, namespace: 'never-loaded' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'never-loaded' }, ({ path }) => ({
      contents: `throw new Error('no ${path} here');`,
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

/** No bucket of ours is behind a multi-region access point: what signs for one would ask for packages that are not here. */
const oneRegionPerSignature: Plugin = {
  name: 'one-region-per-signature',
  setup(build) {
    build.onLoad({ filter: /signature-v4-multi-region[\\/]dist-es[\\/]SignatureV4MultiRegion\.js$/ }, () => ({
      contents: [
        "import { SignatureV4SignWithCredentials } from './SignatureV4SignWithCredentials';",
        'export class SignatureV4MultiRegion extends SignatureV4SignWithCredentials {',
        "  static sigv4aDependency() { return 'none'; }",
        '}',
      ].join('\n'),
      loader: 'js',
    }));
  },
};

/** Files of the SDK for what no function here is or does, each by what is enough. */
const INSTEAD: readonly { readonly of: RegExp; readonly contents: (text: string) => string }[] = [
  // SHA-1 in JavaScript is for where there is no OpenSSL: Node has it.
  { of: /checksums[\\/]dist-es[\\/].*[\\/]Sha1Js\.js$/, contents: () => 'export const Sha1Js = undefined;' },
  // Profiles are files of a person's home: every client looks for them, and its first call waits until they are not found.
  {
    of: /shared-ini-file-loader[\\/]loadSharedConfigFiles\.js$/,
    contents: () =>
      [
        "export { CONFIG_PREFIX_SEPARATOR } from './constants';",
        'export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });',
      ].join('\n'),
  },
  // Bodies are bytes: no streams of files, and none of the web's, whose global loads them when it is asked what it is.
  {
    of: /util-stream[\\/]stream-type-check\.js$/,
    contents: (text) =>
      text.replace(
        /export const isReadableStream = [^;]*;/,
        "export const isReadableStream = (stream) => stream?.constructor?.name === 'ReadableStream';",
      ),
  },
  {
    of: /isStreamingPayload[\\/]isStreamingPayload\.js$/,
    contents: () =>
      "import { Readable } from 'node:stream';\nexport const isStreamingPayload = ({ body }) => body instanceof Readable;",
  },
  {
    of: /util-body-length[\\/]calculateBodyLength\.js$/,
    contents: (text) => text.replace('body instanceof ReadStream', 'false'),
  },
  {
    of: /util-stream[\\/]checksum[\\/]ChecksumStream\.browser\.js$/,
    contents: () => 'export class ChecksumStream {}',
  },
  // An import while it runs would be of all that is behind the getters too.
  {
    of: /node-http-handler[\\/]dist-es[\\/]node-http-handler\.js$|lambda-invoke-store[\\/]dist-es[\\/]invoke-store\.js$/,
    contents: (text) =>
      text.replaceAll(/await import\(["'](node:\w+)["']\)/g, "process.getBuiltinModule('$1')"),
  },
  // The global of the same name loads WebCrypto.
  {
    of: /serde[\\/]uuid[\\/]v4\.js$/,
    contents: () =>
      "import { randomUUID } from 'node:crypto';\nexport const bindV4 = () => () => randomUUID();",
  },
];
const withoutWhatIsNotHere: Plugin = {
  name: 'without-what-is-not-here',
  setup(build) {
    for (const { of, contents } of INSTEAD)
      build.onLoad({ filter: of }, ({ path }) => ({
        contents: contents(readFileSync(path, 'utf8')),
        loader: 'js',
      }));
  },
};

/** A function that asks KMS for its keys is loaded meanwhile: what asks is all that its first file imports. */
const askingAhead = ({ name, asksAhead = [] }: FunctionSpec): Plugin => ({
  name: 'asking-ahead',
  setup(build) {
    build.onResolve({ filter: /^asking-ahead$/ }, ({ path }) => ({ path, namespace: path }));
    build.onLoad({ filter: /.*/, namespace: 'asking-ahead' }, () => ({
      contents: [
        "import { setImmediate as turn } from 'node:timers/promises';",
        "import { askAhead } from './lambdas/shared/keys-ahead.ts';",
        `askAhead(${JSON.stringify(asksAhead)});`,
        'await turn();',
        `export const { handler } = await import('./lambdas/${name}.ts');`,
      ].join('\n'),
      loader: 'ts',
      resolveDir: ROOT,
    }));
  },
});

/** Some dependencies are CommonJS and look for `require` and their own folder: an ES module has neither. */
const BANNER = [
  // The loader of CommonJS is made when it is first needed, which is after a start.
  'let __required;',
  "const __files = () => (__required ??= process.getBuiltinModule('node:module').createRequire(import.meta.url));",
  'const require = (name) => process.getBuiltinModule(name) ?? __files()(name);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/** Bundles into `{output}/{name}/`; the folder is made anew. Throws with esbuild's messages on any error. */
export async function bundle(spec: FunctionSpec, output: string, version: string): Promise<Bundle> {
  const folder = join(output, spec.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const built: BuildResult<{ metafile: true }> = await build({
    absWorkingDir: ROOT,
    entryPoints: { index: spec.asksAhead === undefined ? `lambdas/${spec.name}.ts` : 'asking-ahead' },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    // What is imported while it runs is a file of its own; all lie in one folder, beside what they load late.
    splitting: true,
    chunkNames: '[name]-[hash]',
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
    plugins: [
      askingAhead(spec),
      oneLanguage,
      schemasAsTheyAre,
      ...(spec.name === 'observe' ? [] : [withoutJsonSchemas]),
      onlyTheSchemasInUse,
      yamlWhenItIsRead,
      loadedLate,
      cedarWhenItIsAsked,
      partsOfNodeAsTheyAreUsed,
      withoutWhatIsNeverLoaded,
      oneCredentialSource,
      oneRegionPerSignature,
      withoutWhatIsNotHere,
    ],
    // Required by the remote-write library only where no fetch is given; ours always is.
    external: ['node-fetch'],
    logLevel: 'error',
  });
  if (spec.name !== 'observe' && DESCRIBES_THE_API in built.metafile.inputs)
    throw new Error(`${spec.name} describes the API, but is bundled without JSON Schemas`);
  if ('lazy:yaml' in built.metafile.inputs)
    await beside('node_modules/yaml/dist/index.js', join(folder, 'yaml.cjs'));
  for (const { module, file } of LOADED_LATE)
    if (module in built.metafile.inputs) await beside(module, join(folder, file));
  for (const each of spec.carries ?? [])
    if (each === 'console') await carryConsole(folder);
    else if (each === 'routes') carryRoutes(folder);
    else carry(each, folder, spec.name !== 'govern');
  return { name: spec.name, folder, metafile: built.metafile };
}

/** One file by itself, where what needs it only now and then looks for it. */
async function beside(entry: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // ES modules in, so that what is not called stays out: of OpenTelemetry's format a fifteenth is left.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    plugins: [loadedLate],
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
  });
}

async function carryConsole(folder: string): Promise<void> {
  mkdirSync(join(folder, 'console'));
  for (const [name, bytes] of await buildConsole()) writeFileSync(join(folder, 'console', name), bytes);
}

/** As Hono writes them. */
function carryRoutes(folder: string): void {
  const routes = routesOf(readOpenApi()).map(({ method, path }) => ({
    method: method.toLowerCase(),
    path: path.replaceAll(/\{(\w+)\+\}/g, ':$1{.+}').replaceAll(/\{(\w+)\}/g, ':$1'),
  }));
  writeFileSync(join(folder, ROUTES), JSON.stringify(routes));
}

/** @param json not for `govern`, which shows and keeps the charter's files as they were written, comments and all */
function carry(
  what: Exclude<NonNullable<FunctionSpec['carries']>[number], 'console' | 'routes'>,
  folder: string,
  json: boolean,
): void {
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
  if (json)
    for (const name of readdirSync(join(folder, what), { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.yaml') && !name.startsWith('tests')) asJson(join(folder, what, name));
    }
  if (what === 'charter') readAhead(join(folder, what));
}

/** Under its own name: JSON is YAML. What cannot be read stays as it is, for the start to say what is wrong with it. */
function asJson(path: string): void {
  const { value, problems } = readYaml(path, readFileSync(path, 'utf8'));
  if (problems.length === 0) writeFileSync(path, JSON.stringify(value));
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
