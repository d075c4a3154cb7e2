/** Every generated file: dashboards, `monitoring/` and what Kubernetes gets of them, by path from the project's root. */
import { stringify } from 'yaml';
import { monitoringFiles } from '../src/watch/alerts/publish/files.ts';
import { alertsReference } from '../src/watch/alerts/publish/reference.ts';
import { ruleGroups } from '../src/watch/alerts/publish/render-rules.ts';
import type { RuleGroup } from '../src/watch/rule-group.ts';
import { openSloFiles } from '../src/watch/slo/openslo.ts';
import { DASHBOARDS } from './all.ts';
import { toCloudWatch } from './cloudwatch.ts';
import { toGrafana } from './grafana.ts';
import { kubernetesFiles } from './kubernetes.ts';
import { LINT_EXCLUSIONS } from './lint.ts';

/** Example places: the stack puts its own in, this file shows what it will get. */
const EXAMPLE = {
  environment: 'dev',
  region: 'eu-central-1',
  eventLogGroup: '/aws/events/chancery-dev',
  functionLogGroups: ['/chancery/dev/gate'],
  alarmArns: [],
  insightPrefix: '',
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export function generatedFiles(objectives: readonly RuleGroup[], docs?: string): Map<string, string> {
  const files = new Map([...monitoringFiles(objectives, docs), ...openSloFiles()]);
  files.set('docs/alerts.md', alertsReference());
  files.set(
    'dashboards/grafana/.lint',
    stringify(LINT_EXCLUSIONS, { lineWidth: 0, aliasDuplicateObjects: false }),
  );
  const drawn = new Map(
    DASHBOARDS.map((dashboard) => [`${dashboard.uid}.json`, json(toGrafana(dashboard, { docs }))]),
  );
  for (const [name, text] of drawn) files.set(`dashboards/grafana/${name}`, text);
  for (const [path, text] of kubernetesFiles([...ruleGroups(docs), ...objectives], drawn))
    files.set(path, text);
  for (const dashboard of DASHBOARDS) {
    files.set(`dashboards/cloudwatch/${dashboard.uid}.json`, json(toCloudWatch(dashboard, EXAMPLE)));
  }
  return files;
}
