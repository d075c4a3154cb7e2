import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DASHBOARDS } from '../../dashboards/all.ts';
import { insightRules, toCloudWatch } from '../../dashboards/cloudwatch.ts';
import { generatedFiles } from '../../dashboards/files.ts';
import { toGrafana } from '../../dashboards/grafana.ts';
import { flow } from '../../dashboards/layout.ts';
import { stepsOf } from '../../dashboards/limits.ts';
import { CATALOGUE, isMetricName } from '../../src/catalogue/catalogue.ts';
import { runbookUrl } from '../../src/watch/alerts/publish/runbook.ts';
import { alertNamed } from '../../src/watch/alerts/rules/rules.ts';
import {
  COLD_STARTS,
  cloudwatchDimension,
  cloudwatchName,
  dimensionSets,
} from '../../src/watch/metrics/cloudwatch.ts';
import { SLO_ALERTS, sloRuleGroups } from '../../src/watch/slo/prometheus.ts';
import { metricsIn, substituted, syntaxErrors } from '../support/promql.ts';

const panels = DASHBOARDS.flatMap((dashboard) =>
  dashboard.panels.map((panel) => ({ name: `${dashboard.uid}: ${panel.title}`, dashboard, panel })),
);
const queries = panels.flatMap(({ name, panel }) =>
  panel.queries.map((query) => ({ name, expr: query.expr, query })),
);
const familyOf = (name: string): string =>
  isMetricName(name) ? name : name.replace(/_(bucket|sum|count)$/, '');

const objectives: ReadonlySet<string> = new Set(SLO_ALERTS);

describe('the committed files', () => {
  it('are what the builders make: run `npm run generate` if this fails', () => {
    for (const [path, text] of generatedFiles(sloRuleGroups({ runbookUrl }))) {
      expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), path).toBe(text);
    }
  });
});

describe('every panel', () => {
  it('has a title that is its own within the dashboard, a description, a unit and a runbook section', () => {
    for (const dashboard of DASHBOARDS) {
      const titles = dashboard.panels.map((panel) => panel.title);
      expect(new Set(titles).size, dashboard.uid).toBe(titles.length);
    }
    for (const { name, panel } of panels) {
      expect(panel.description.length, name).toBeGreaterThan(15);
      expect(panel.unit, name).not.toBe('');
      expect(alertNamed(panel.runbook) !== undefined || objectives.has(panel.runbook), name).toBe(true);
    }
  });

  it('draws the thresholds of the alerts it names, in their unit', () => {
    const same = (a: string, b: string): boolean => a === b || (/ops|reqps/.test(a) && /ops|reqps/.test(b));
    let compared = 0;
    for (const { name, panel } of panels) {
      for (const limit of panel.limits ?? []) {
        const rule = alertNamed(limit);
        expect(same(rule?.unit ?? '', panel.unit), `${name} against ${limit}`).toBe(true);
        const at = stepsOf(panel).map((step) => step.at);
        expect(at, name).toContain(rule?.threshold === 0 ? 1e-9 : rule?.threshold);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(30);
  });

  it('has ascending colour steps with a ground colour', () => {
    for (const { name, panel } of panels) {
      const [ground, ...rest] = stepsOf(panel).map((step) => step.at);
      expect(ground, name).toBeNull();
      expect(rest, name).toEqual([...rest].sort((a, b) => (a ?? 0) - (b ?? 0)));
    }
  });

  it('fits the grid without overlapping its neighbours', () => {
    for (const dashboard of DASHBOARDS) {
      const taken = new Set<string>();
      for (const { x, y, w, h } of flow(dashboard.panels)) {
        expect(x + w).toBeLessThanOrEqual(24);
        for (let column = x; column < x + w; column += 1) {
          for (let row = y; row < y + h; row += 1) {
            expect(taken.has(`${column},${row}`), dashboard.uid).toBe(false);
            taken.add(`${column},${row}`);
          }
        }
      }
    }
  });
});

describe('every query', () => {
  it.each(queries)('$name is well-formed on metrics and labels that exist', ({ expr, query }) => {
    expect(syntaxErrors(substituted(expr))).toEqual([]);
    for (const metric of metricsIn(expr)) expect(isMetricName(familyOf(metric)), metric).toBe(true);
    const labels = [...query.legend.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '');
    for (const label of labels) expect(expr).toMatch(new RegExp(`by \\([^)]*\\b${label}\\b`));
  });

  it('aggregates counters over time only, by rate, increase or as a share', () => {
    for (const { name, expr: whole } of queries) {
      // `counted` looks at a series' beginning beside its increase.
      const expr = whole.replace(/(0 \* |unless |min_over_time\()chancery_\w+/g, '');
      for (const metric of metricsIn(expr)) {
        const family = familyOf(metric);
        if (!isMetricName(family) || CATALOGUE[family].type !== 'counter') continue;
        const bare = new RegExp(`(?<!(rate|increase)\\()chancery_${metric}\\b`);
        // These two are meant since the ledger began.
        if (bare.test(expr))
          expect(['ledger_tamper_events_total', 'deployments_total'], name).toContain(metric);
      }
    }
  });

  it('takes rates over Grafana’s window, the chosen range, or a window that its alert has too', () => {
    for (const { name, expr } of queries) {
      for (const [, window] of expr.matchAll(/\[([^\]]+)\]/g)) {
        expect(['$__rate_interval', '$__range', '1h', '5m'], name).toContain(window);
      }
    }
  });
});

describe('the Grafana form', () => {
  it.each(DASHBOARDS.map((dashboard) => [dashboard.uid, dashboard] as const))(
    'of %s imports into any Grafana',
    (uid, dashboard) => {
      const json = JSON.parse(JSON.stringify(toGrafana(dashboard)));
      expect(json.uid).toBe(uid);
      expect(json.editable).toBe(false);
      expect(json.refresh).toBe('5s');
      expect(json.panels.map((panel: { id: number }) => panel.id)).toEqual(
        dashboard.panels.map((_, index) => index + 1),
      );
      const variables: { name: string; type: string; refresh?: number; allValue?: string }[] =
        json.templating.list;
      const sources = variables.filter((one) => one.type === 'datasource').map((one) => one.name);
      expect([['datasource'], ['prometheus_datasource', 'cloudwatch_datasource']]).toContainEqual(sources);
      for (const variable of variables.filter((one) => one.type === 'query')) {
        expect(variable).toMatchObject({ refresh: 2, multi: true, includeAll: true, allValue: '.+' });
      }
      const named = new Set(variables.map((variable) => variable.name));
      for (const [, name] of JSON.stringify(json.panels).matchAll(/\$\{?(?!__)(\w+)/g))
        expect(named).toContain(name);
      for (const panel of json.panels) {
        expect(panel.targets.length).toBeGreaterThan(0);
        expect(panel.links[0].url).toMatch(/\/runbook\.md#[a-z0-9]+$/);
        expect(panel.datasource.uid).toMatch(/^\$\{(prometheus_|cloudwatch_)?datasource\}$/);
        const refs = panel.targets.map((target: { refId: string }) => target.refId);
        expect(new Set(refs).size).toBe(refs.length);
      }
      expect(json.annotations.list.map((mark: { name: string }) => mark.name)).toContain('Deployments');
    },
  );

  it('offers the mode and the workflow on the governance page', () => {
    const governance = DASHBOARDS.find((dashboard) => dashboard.uid === 'chancery-governance');
    expect(governance?.variables.map((variable) => variable.name)).toEqual(['drag_mode', 'workflow']);
  });
});

describe('the CloudWatch form', () => {
  const where = {
    environment: 'dev',
    region: 'eu-central-1',
    eventLogGroup: '/aws/events/chancery-dev',
    functionLogGroups: ['/chancery/dev/gate', '/chancery/dev/audit'],
    alarmArns: ['arn:aws:cloudwatch:eu-central-1:123456789012:alarm:x'],
    insightPrefix: 'dev-',
  };

  it('has a widget for every panel, and a heading', () => {
    for (const dashboard of DASHBOARDS) {
      const { widgets } = toCloudWatch(dashboard, where);
      expect(widgets).toHaveLength(dashboard.panels.length + 1);
      expect(widgets.length).toBeLessThan(500);
      expect(JSON.stringify({ widgets })).not.toContain('undefined');
    }
  });

  it('names only metrics that we emit under those dimensions, or that AWS publishes', () => {
    const names = new Map(
      Object.keys(CATALOGUE)
        .filter(isMetricName)
        .map((name) => [cloudwatchName(name), name]),
    );
    /** Names and dimension sets as each service's guide lists them ("metrics and dimensions" of that service). */
    const vended: Readonly<Record<string, { names: RegExp; by: readonly string[] }>> = {
      'AWS/Lambda': {
        names: /^(ConcurrentExecutions|Duration|Throttles|Errors)$/,
        by: ['', 'FunctionName', 'FunctionName,Resource'],
      },
      'AWS/ApiGateway': {
        names: /^(Count|Latency|4XXError|5XXError)$/,
        by: ['ApiName', 'ApiName,Stage', 'ApiName,Method,Resource,Stage'],
      },
      'AWS/DynamoDB': {
        names: /^(SuccessfulRequestLatency|Consumed(Read|Write)CapacityUnits)$/,
        by: ['Operation,TableName', 'TableName'],
      },
      'AWS/ApplicationSignals': {
        names: /^(AttainmentRate|BurnRate)$/,
        by: ['SloName', 'BurnRateWindowMinutes,SloName'],
      },
      LambdaInsights: {
        names: /^(memory_utilization|used_memory_max|cpu_total_time)$/,
        by: ['function_name'],
      },
    };
    for (const { name, panel } of panels) {
      if (panel.aws.as !== 'metrics') continue;
      for (const series of panel.aws.series) {
        const theirs = vended[series.namespace];
        if (theirs !== undefined) {
          expect(series.metric, name).toMatch(theirs.names);
          // Reported by operation as well only where there is one; a table's capacity has none.
          expect(theirs.by, `${name}: ${series.metric}`).toContain([...series.by].sort().join());
          continue;
        }
        const emitted =
          series.metric === COLD_STARTS.name
            ? [COLD_STARTS.dimensions]
            : dimensionSets(names.get(series.metric) ?? '');
        const sets = emitted.map((set) => [...set].sort().join());
        expect(sets, `${name}: ${series.metric}`).toContain([...series.by].sort().join());
      }
    }
    expect(cloudwatchDimension('drag_mode')).toBe('DRAGMode');
  });

  it('shows sums per minute against limits per minute', () => {
    const governance = DASHBOARDS.find((dashboard) => dashboard.uid === 'chancery-governance');
    const { widgets } = toCloudWatch(governance ?? expect.fail(), where);
    const failures = widgets.find((one) => JSON.stringify(one).includes('AIMValidationFailures'));
    expect(failures).toMatchObject({ properties: { annotations: { horizontal: [{ value: 6 }] } } });
  });

  it('has a Contributor Insights rule for each list it shows', () => {
    const made = new Set(insightRules(where).map((rule) => rule.name));
    const used = panels.flatMap(({ panel }) =>
      panel.aws.as === 'contributors' ? [`dev-${panel.aws.rule}`] : [],
    );
    expect(used.length).toBe(3);
    for (const name of used) expect(made).toContain(name);
  });
});
