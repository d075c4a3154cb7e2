/**
 * `npm run bench`: every benchmark but the long ones in one run, one table each; `npm run bench -- NAME…`: those alone.
 * `--write` puts the tables into docs/performance.md, between the marks there, with the machine they were measured on.
 * `--compare REV` runs them at that commit too, in turns (`--rounds N`, 5 unless said), and prints the ratios.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchActivation } from './activation.ts';
import { benchAge } from './age.ts';
import { benchAgeServed } from './age-served.ts';
import { benchAppends } from './appends.ts';
import { benchAuthorizer } from './authorizer.ts';
import { benchBilled } from './billed.ts';
import { benchBilledDeployed } from './billed-deployed.ts';
import { benchColdStart } from './cold-start.ts';
import { compareWith } from './compare.ts';
import { benchDeciders } from './deciders.ts';
import { benchDecisions } from './decisions.ts';
import { benchDrafts } from './drafts.ts';
import { benchFreshness } from './freshness.ts';
import { benchGoverned } from './governed.ts';
import { benchLedger } from './ledger.ts';
import { benchMillion } from './ledger-million.ts';
import { benchLive } from './live.ts';
import { benchMcp } from './mcp.ts';
import { benchPrescriptive } from './prescriptive.ts';
import { benchStart } from './start.ts';
import { show, type Table } from './table.ts';
import { benchTessera } from './tessera.ts';
import { benchVerifyCores } from './verify-cores.ts';
import { benchViolations } from './violations.ts';
import { benchWorstCases } from './worst-cases.ts';

const TARGET = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const BEGIN = '<!-- measured: begin -->';
const END = '<!-- measured: end -->';

const BENCHES: Readonly<Record<string, () => Table | Promise<Table | readonly Table[]>>> = {
  governed: benchGoverned,
  mcp: benchMcp,
  appends: benchAppends,
  ledger: benchLedger,
  authorizer: benchAuthorizer,
  prescriptive: benchPrescriptive,
  'worst-cases': () => benchWorstCases(),
  drafts: () => benchDrafts(),
  decisions: benchDecisions,
  deciders: benchDeciders,
  tessera: benchTessera,
  activation: benchActivation,
  'cold-start': () => benchColdStart(),
  billed: () => benchBilled(),
  'billed-deployed': benchBilledDeployed,
  start: benchStart,
  freshness: benchFreshness,
  live: benchLive,
  'ledger-million': benchMillion,
  age: benchAge,
  'age-served': benchAgeServed,
  'verify-cores': benchVerifyCores,
  violations: benchViolations,
};
/** Runs only when it is named: it takes minutes. */
const LONG: ReadonlySet<string> = new Set([
  'deciders',
  'tessera',
  'ledger-million',
  'age',
  'age-served',
  'verify-cores',
  'live',
  'worst-cases',
  'violations',
  'drafts',
  'billed-deployed',
]);

const { positionals: named, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean' },
    compare: { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
});
const unknown = named.filter((name) => !(name in BENCHES));
if (unknown.length > 0)
  throw new Error(
    `no benchmark is called ${unknown.join(', ')}: there are ${Object.keys(BENCHES).join(', ')}`,
  );
const chosen = Object.entries(BENCHES).filter(([name]) =>
  named.length > 0 ? named.includes(name) : !LONG.has(name),
);

const tables: Table[] = [];
if (options.compare !== undefined) {
  if (options.write === true) throw new Error('--write writes what was measured here: leave out --compare');
  const rounds = Number(options.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1');
  const names = chosen.map(([name]) => name);
  console.log(show(compareWith(options.compare, names, rounds)));
} else {
  for (const [, bench] of chosen) {
    const found = await bench();
    for (const each of Array.isArray(found) ? found : [found]) {
      tables.push(each);
      console.log(show(each));
    }
  }
}

if (options.write === true) {
  const [cpu] = cpus();
  const machine = `${availableParallelism()} cores (${cpu?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const page = readFileSync(TARGET, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${TARGET} lacks the marks ${BEGIN} and ${END}`);
  // What was not measured now stays as it was measured last.
  const sections = new Map(
    (rest?.split(END)[0] ?? '')
      .split(/^(?=### )/m)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0] ?? '', section.trimEnd()]),
  );
  for (const each of tables) sections.set(`### ${each.title}`, show(each).trimEnd());
  const measured = [`Measured ${new Date().toISOString().slice(0, 10)} on ${machine}.`, ...sections.values()];
  writeFileSync(TARGET, `${before}${BEGIN}\n\n${measured.join('\n\n')}\n\n${END}${after}`);
}
