/** `npm run dashboards`: writes dashboards/grafana, dashboards/cloudwatch and monitoring/ anew. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from '../dashboards/files.ts';
import { runbookUrl } from '../src/watch/alerts/publish/runbook.ts';
import { sloRuleGroups } from '../src/watch/slo/prometheus.ts';

const root = join(import.meta.dirname, '..');
const files = generatedFiles(sloRuleGroups({ runbookUrl }));
for (const [path, text] of files) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
console.log(`${files.size} files written`);
