/** `npm run help`: what each script of package.json is for. `test/repository/scripts.test.ts` holds the two together. */
const SCRIPTS: Readonly<Record<string, string>> = {
  start: 'the system on this machine, http://127.0.0.1:8787',
  demo: 'the whole system in eight steps, with what it really answered',
  test: 'the tests; `npm test -- FILES`, `npm test -- --coverage`',
  'test:real': 'the tests with real parts, each installing its own; `npm run test:real -- NAME`:',
  check: 'types, lint, who imports whom, generated files',
  generate: 'writes anew what is made from the code: OpenAPI, metrics, alerts, dashboards',
  bench: 'every figure of docs/performance.md; `npm run bench -- NAME` for one part',
  corpus: 'precision and recall of the screen for prescriptive language',
  'bundle-report': 'what each Lambda function weighs, and how long its import takes',
  baseline: 'keeps the templates of the ledger stacks, after a deployment',
  preview: 'draws the dashboards of a local run as pictures',
  ci: 'all of it, as CI runs it on a clean clone',
  help: 'this list',
};

/** Names of `npm run test:real -- NAME`: the files of test/real. */
const REAL: Readonly<Record<string, string>> = {
  api: 'the OpenAPI document by linters and generators of clients: Go, Java, Python, TypeScript',
  alerting: 'from violation to pager',
  collector: 'the collector of deploy/, by its own program, with Jaeger behind it',
  completion: 'completion of command lines in zsh and fish',
  containers: 'image, compose file and manifests, by the programs that read them',
  console: 'the console in Chromium: views, signing in, verification, accessibility',
  dashboards: 'every panel of every board',
  deploy: 'the stacks, deployed on an AWS stand-in that enforces IAM, and driven',
  mcp: "agents' tools, by others' programs",
  ocsf: 'findings, read by other models',
  prometheus: 'a real Prometheus scrapes and is written to',
  promtool: 'alert rules and their drills',
  'slo-rules': 'burn-rate rules and replayed incidents',
  store: "storage on AWS's own engine, under failure and storm",
  templates: 'the templates against the resource schemas',
  terminal: 'the command line on a pseudo-terminal: width, colours, questions, Ctrl-C',
  tlog: "the log, by others' code",
};

const table = (rows: Readonly<Record<string, string>>, indent: string): string[] =>
  Object.entries(rows).map(([name, purpose]) => `${indent}${name.padEnd(16)}${purpose}`);

const lines = table(SCRIPTS, '  ').flatMap((line) =>
  line.trimStart().startsWith('test:real') ? [line, ...table(REAL, '      ')] : [line],
);
console.log(`npm run …\n\n${lines.join('\n')}`);
