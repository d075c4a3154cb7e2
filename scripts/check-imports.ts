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
const LIB_MAY_READ =
  /^src\/(identity\/issuers|identity\/issuer-settings|catalogue|watch|workflow|terms|errors|ports)/;

/** What `src` may use beside itself: no I/O of their own, or their I/O is passed in. */
const PURE = new Set([
  'node:crypto',
  'node:buffer',
  'zod',
  'canonicalize',
  'yaml',
  '@cedar-policy/cedar-wasm',
  '@cfworker/json-schema',
  'ulid',
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
    if (target !== undefined) check(file, target);
  }
}

function check(file: string, target: string): void {
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
  } else if (from === 'adapters' && toFolder === 'adapters' && dirname(to) !== dirname(file)) {
    problems.push(`${file}: adapters may not import one another (${to})`);
  }
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
