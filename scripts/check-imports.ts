/**
 * Holds the layout (docs/architecture.md, "Who may import whom"): every import of the tree is checked against
 * one table. Exits 1 and names each import that breaks it.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Top-level folder → the top-level folders it may import. Its own folder is always allowed. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  src: [],
  adapters: ['src'],
  http: ['src'],
  dashboards: ['src'],
  lib: ['dashboards', 'src'],
  cli: ['adapters', 'src', 'local', 'dashboards'],
  local: ['http', 'adapters', 'src'],
  lambdas: ['http', 'adapters', 'src'],
  bin: ['cli', 'local', 'lib', 'scripts'],
};

/** `lib` may know what is declared once (metrics, SLOs, alerts, the shape of workflows), never what runs. */
const LIB_MAY_READ = /^src\/(metrics|slo|alerts|workflow|terms|errors|ports)/;

/** What `src` may use beside itself: no I/O of their own, or their I/O is passed in. */
const PURE = new Set([
  'node:crypto',
  'node:buffer',
  'zod',
  'canonicalize',
  'yaml',
  '@cedar-policy/cedar-wasm',
  'aws-jwt-verify',
  '@cfworker/json-schema',
  'ulid',
]);

/** Folders of `src` that only compose others. */
const COMPOSERS = new Set(['loop']);
/** What every folder of `src` may know: the record, its payloads, and the names of the metrics. */
const COMMON = new Set([
  'src/ledger/record.ts',
  'src/ledger/payloads.ts',
  'src/metrics/catalogue.ts',
  'src/metrics/cloudwatch.ts',
  'src/metrics/family.ts',
]);

const problems: string[] = [];
const files = globSync(
  Object.keys(MAY_IMPORT).map((folder) => `${folder}/**/*.ts`),
  { cwd: ROOT },
);

for (const file of files) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  for (const match of text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
  )) {
    const target = match[1] ?? match[2] ?? match[3];
    if (target !== undefined) check(file, target, /^\s*(?:import|export) type\b/.test(match[0]));
  }
}

function check(file: string, target: string, typeOnly: boolean): void {
  const from = file.split('/')[0] ?? '';
  if (!target.startsWith('.')) {
    if (from === 'src' && !PURE.has(packageOf(target))) problems.push(`${file}: src may not use ${target}`);
    return;
  }
  const to = relative(ROOT, join(ROOT, dirname(file), target));
  const toFolder = to.split('/')[0] ?? '';
  if (toFolder !== from && !(MAY_IMPORT[from] ?? []).includes(toFolder)) {
    problems.push(`${file}: ${from} may not import ${to}`);
  } else if (from === 'lib' && toFolder === 'src' && !LIB_MAY_READ.test(to)) {
    problems.push(`${file}: lib may not import ${to}`);
  } else if (from === 'src') {
    checkInsideSrc(file, to, typeOnly);
  } else if (from === 'adapters' && toFolder === 'adapters' && dirname(to) !== dirname(file)) {
    problems.push(`${file}: adapters may not import one another (${to})`);
  }
}

/** Folders of src do not import one another; files at its top compose them, and only their types may be named below. */
function checkInsideSrc(file: string, to: string, typeOnly: boolean): void {
  const here = folderInSrc(file);
  const there = folderInSrc(to);
  if (here === undefined || there === here || COMPOSERS.has(here)) return;
  if (there === undefined ? isComposer(to) && !typeOnly : !COMMON.has(to))
    problems.push(`${file}: ${here} may not import ${to}`);
}

/** `src/charter/judge.ts` → `charter`; a file at the top of src has none. */
function folderInSrc(path: string): string | undefined {
  const parts = path.split('/');
  return parts.length > 2 ? parts[1] : undefined;
}

/** A file at the top of src that itself imports folders composes; the others are vocabulary. */
function isComposer(path: string): boolean {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return /\n(?:import|export) (?!type)[^;]*?from '\.\/[a-z]+\/(?!record|payloads)/.test(text);
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@')
    ? parts.slice(0, 2).join('/')
    : specifier.startsWith('node:')
      ? specifier
      : (parts[0] ?? specifier);
}

for (const problem of problems) console.error(problem);
console.log(`${files.length} files, ${problems.length} imports that break the layout`);
process.exitCode = problems.length === 0 ? 0 : 1;
