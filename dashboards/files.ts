/** Every generated file: dashboards and `monitoring/`, by path from the project's root. */
import { stringify } from 'yaml';
import { monitoringFiles } from '../src/watch/alerts/publish/files.ts';
import { alertsReference } from '../src/watch/alerts/publish/reference.ts';
import type { RuleGroup } from '../src/watch/rule-group.ts';
import { openSloFiles } from '../src/watch/slo/openslo.ts';
import { DASHBOARDS } from './all.ts';
import { toCloudWatch } from './cloudwatch.ts';
import { toGrafana } from './grafana.ts';
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
  for (const dashboard of DASHBOARDS) {
    files.set(`dashboards/grafana/${dashboard.uid}.json`, json(toGrafana(dashboard, { docs })));
    files.set(`dashboards/cloudwatch/${dashboard.uid}.json`, json(toCloudWatch(dashboard, EXAMPLE)));
  }
  return files;
}
