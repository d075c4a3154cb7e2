/**
 * `npm run generate`: writes anew what is made from the code: docs/openapi.json from the routes and client/api.gen.ts from it, docs/metrics.md from the catalogue, docs/errors.md from the codes, docs/cli.md from the table of commands, bin/help.txt from the words of `--help`,
 * and from alerts, objectives and boards docs/alerts.md, monitoring/, dashboards/grafana and dashboards/cloudwatch. With `--check` it
 * writes nothing, names each file that is not what the code says, and exits 1 when there is one.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { commandTable } from '../cli/command-table.ts';
import { FAMILIES } from '../cli/commands.ts';
import { helpText } from '../cli/help-text.ts';
import { cliPage } from '../cli/reference.ts';
import { generatedFiles } from '../dashboards/files.ts';
import { errorsPage } from '../http/observe/errors.ts';
import { startRuntime } from '../local/runtime.ts';
import { readSettings } from '../local/settings.ts';
import { runbookUrl } from '../src/watch/alerts/publish/runbook.ts';
import { metricsPage } from '../src/watch/metrics/page.ts';
import { sloRuleGroups } from '../src/watch/slo/prometheus.ts';
import { clientTypes, headOf } from './client-types.ts';

const ROOT = join(import.meta.dirname, '..');

/** The document as a running system gives it. */
async function openapi(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-openapi-'));
  const runtime = await startRuntime({
    ...readSettings({}, ROOT),
    port: 0,
    dataFolder: folder,
    logFile: join(folder, 'log.jsonl'),
  });
  const document = await (await fetch(`${runtime.url}/openapi.json`)).json();
  await runtime.stop();
  rmSync(folder, { recursive: true });
  return `${JSON.stringify(document, null, 2)}\n`;
}

const TYPES = 'client/api.gen.ts';
const checks = process.argv.includes('--check');
const document = await openapi();
const types = readFileSync(join(ROOT, TYPES), 'utf8');
const known = types.startsWith(headOf(document));

const files = new Map([
  ['docs/openapi.json', document],
  // Made anew only where the document is another one: a check needs no tool for it.
  [TYPES, known || checks ? types : clientTypes(document)],
  ['docs/metrics.md', metricsPage()],
  ['docs/errors.md', errorsPage()],
  ['docs/cli.md', cliPage(await commandTable(FAMILIES))],
  ['bin/help.txt', await helpText()],
  ...generatedFiles(sloRuleGroups({ runbookUrl })),
]);
const isNews = ([path, text]: readonly [string, string]): boolean =>
  !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== text;
const news = [...files].filter(isNews);

if (checks) {
  const stale = [...news.map(([path]) => path), ...(known ? [] : [TYPES])];
  for (const path of stale) console.error(`${path} is not what the code says: run \`npm run generate\`.`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, text] of news) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
    console.log(`wrote ${path}`);
  }
  console.log(`${files.size} files are what the code says`);
}
