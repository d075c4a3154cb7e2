/** Every generated file under `monitoring/`, by its path from the project's root. */

import type { RuleGroup } from '../../rule-group.ts';
import { cases, casesYaml } from '../rules/drill-cases.ts';
import { PROMETHEUS_ALERTS } from '../rules/rules.ts';
import { alertmanagerYaml } from './alertmanager.ts';
import { ampGroups, ruleGroups, rulesYaml } from './render-rules.ts';
import { grafanaDashboardsYaml, grafanaDatasourceYaml, prometheusYaml } from './setup.ts';

/** The runtime by its name in deploy/compose/compose.yaml. */
const HOST = 'chancery:8787';
const short = (group: string): string => group.replace(/^chancery-/, '');

/** `objectives`: the groups of the service levels, which `src/watch/slo` makes. */
export function monitoringFiles(objectives: readonly RuleGroup[], docs?: string): Map<string, string> {
  const groups = ruleGroups(docs);
  const files = new Map<string, string>([
    [
      'monitoring/prometheus/prometheus.yml',
      prometheusYaml({
        runtime: HOST,
        alertmanager: 'alertmanager:9093',
        nodeExporter: 'node-exporter:9100',
        tokenFile: '/etc/chancery/metrics.token',
        ruleFiles: 'rules/*.yaml',
      }),
    ],
    [
      'monitoring/alertmanager/alertmanager.yml',
      alertmanagerYaml({
        url: `http://${HOST}/notify/alertmanager`,
        tokenFile: '/etc/chancery/notify.token',
      }),
    ],
    ['monitoring/grafana/provisioning/datasources/chancery.yaml', grafanaDatasourceYaml()],
    ['monitoring/grafana/provisioning/dashboards/chancery.yaml', grafanaDashboardsYaml()],
    ['monitoring/prometheus/rules/slo.yaml', rulesYaml(objectives)],
    ['monitoring/amp/rules.yaml', rulesYaml(ampGroups([...groups, ...objectives]))],
  ]);
  for (const group of groups) {
    const name = short(group.name);
    files.set(`monitoring/prometheus/rules/${name}.yaml`, rulesYaml([group]));
    const tests = PROMETHEUS_ALERTS.filter((rule) => `chancery-${rule.group}` === group.name).flatMap(cases);
    files.set(`monitoring/prometheus/tests/${name}.yaml`, casesYaml(`../rules/${name}.yaml`, tests));
  }
  return files;
}
