/**
 * `npm run bench`: every benchmark in one run, one table each. `--write` puts them into docs/performance.md,
 * between the marks there, with the machine they were measured on.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { benchActivation } from './activation.ts';
import { benchAppends } from './appends.ts';
import { benchAuthorizer } from './authorizer.ts';
import { benchDecisions } from './decisions.ts';
import { benchFreshness } from './freshness.ts';
import { benchGoverned } from './governed.ts';
import { benchLedger } from './ledger.ts';
import { benchPrescriptive } from './prescriptive.ts';
import { show, type Table } from './table.ts';

const TARGET = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const BEGIN = '<!-- measured: begin -->';
const END = '<!-- measured: end -->';

const BENCHES: readonly (() => Table | Promise<Table | readonly Table[]>)[] = [
  benchGoverned,
  benchAppends,
  benchLedger,
  benchAuthorizer,
  benchPrescriptive,
  benchDecisions,
  benchActivation,
  benchFreshness,
];

const tables: Table[] = [];
for (const bench of BENCHES) {
  const found = await bench();
  for (const each of Array.isArray(found) ? found : [found]) {
    tables.push(each);
    console.log(show(each));
  }
}

if (process.argv.includes('--write')) {
  const [cpu] = cpus();
  const machine = `${availableParallelism()} cores (${cpu?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const page = readFileSync(TARGET, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${TARGET} lacks the marks ${BEGIN} and ${END}`);
  const measured = [
    `Measured ${new Date().toISOString().slice(0, 10)} on ${machine}.`,
    '',
    ...tables.map(show),
  ];
  writeFileSync(TARGET, `${before}${BEGIN}\n\n${measured.join('\n')}\n${END}${after}`);
}
