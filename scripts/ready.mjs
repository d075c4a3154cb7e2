/**
 * Before `npm start`: makes what it loads (`bin/ready.cjs`) when a source has changed. The modules of a start and of its threads become
 * a few files; what a start does not load stays in files of its own or, as the SDKs, where it was installed.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

const { PROJECT, CACHE, LIST, sourceOf, readyFolder } = createRequire(import.meta.url)('../bin/ready.cjs');

/** Loaded by what runs for long: it may still load one of its files. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;
/** npm writes it with every change of a package: their own files need not be looked at. */
const PACKAGES = 'node_modules/.package-lock.json';
const THREAD = 'new URL(file, import.meta.url)';
const MADE_THREAD = "new URL(file.replace(/ts$/, 'mjs'), import.meta.url)";
/** These look beside what was made. */
const BESIDE = /[\\/]local[\\/](?:thread|read-ahead)\.ts$/;

/** A module that looks for something beside itself looks beside its source; a thread is made of what was made of it. */
const whereTheSourcesAre = {
  name: 'where-the-sources-are',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](?:adapters|cli|console|http|local|src)[\\/].*\.ts$/ }, ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta')) return undefined;
      if (BESIDE.test(path)) return { contents: text.replace(THREAD, MADE_THREAD), loader: 'ts' };
      const contents = text
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
      return { contents, loader: 'ts' };
    });
  },
};

if (readyFolder() === undefined) {
  try {
    await make();
  } catch (error) {
    console.error(`Starts from the sources, since nothing could be made of them: ${String(error)}`);
  }
}

async function make() {
  const { build } = await import('esbuild');
  const began = Date.now();
  const folder = `${began}-${process.pid}`;
  const threads = readdirSync(join(PROJECT, 'local')).filter((name) => name.endsWith('-worker.ts'));
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: ['cli/main.ts', 'local/read-ahead.ts', ...threads.map((name) => `local/${name}`)],
    entryNames: '[name]',
    outdir: join(CACHE, folder),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    legalComments: 'none',
    metafile: true,
    external: ['esbuild', '@cedar-policy/cedar-wasm', '@aws-sdk/*', '@smithy/*', '@opentelemetry/*'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    plugins: [whereTheSourcesAre],
    logLevel: 'error',
  });
  const { readShippedAhead } = await import(pathToFileURL(join(CACHE, folder, 'read-ahead.mjs')).href);
  readShippedAhead(join(PROJECT, 'charter'));
  const sources = [
    PACKAGES,
    ...Object.keys(metafile.inputs).filter((path) => !path.split('/').includes('node_modules')),
  ]
    .map((path) => relative(PROJECT, join(PROJECT, path)))
    .map(sourceOf);
  // Who saves a file meanwhile has it made by the next start.
  if (sources.some(([, , written]) => written >= began)) return;
  writeFileSync(join(CACHE, folder, 'ready.json'), JSON.stringify({ folder, sources }));
  renameSync(join(CACHE, folder, 'ready.json'), LIST);
  for (const name of readdirSync(CACHE).filter((each) => /^\d+-\d+$/.test(each) && each !== folder)) {
    if (statSync(join(CACHE, name)).mtimeMs < began - KEPT_MS)
      rmSync(join(CACHE, name), { recursive: true, force: true });
  }
}
