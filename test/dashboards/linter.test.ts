import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LINT_EXCLUSIONS } from '../../dashboards/lint.ts';
import { type Found, type Linted, lint, RULES, readDashboard } from './linter.ts';

const FOLDER = new URL('../../dashboards/grafana/', import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (name: string): Linted => readDashboard(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')));
const all = files.flatMap((name) => lint(read(name)));
const { exclusions } = LINT_EXCLUSIONS;

const excluded = ({ rule, dashboard, panel }: Found): boolean => {
  const exclusion = exclusions[rule];
  if (exclusion === undefined) return false;
  return exclusion.entries?.some((one) => one.dashboard === dashboard && one.panel === panel) ?? true;
};

describe('the dashboards under the linter’s rules', () => {
  it.each(files)('%s: nothing is found but what is left out with a reason', (name) => {
    expect(lint(read(name)).filter((found) => !excluded(found))).toEqual([]);
  });

  it('leave nothing out that would not be found', () => {
    for (const [rule, { reason, entries }] of Object.entries(exclusions)) {
      expect(reason.length).toBeGreaterThan(40);
      const found = all.filter((one) => one.rule === rule);
      expect(found, rule).not.toEqual([]);
      for (const { panel } of entries ?? [])
        expect(
          found.map((one) => one.panel),
          rule,
        ).toContain(panel);
    }
  });
});

describe('the rules themselves', () => {
  const good = () => structuredClone(read('chancery-governance.json'));
  const panel = (dashboard: Linted) =>
    dashboard.panels.find(({ type }) => type === 'timeseries') ?? expect.fail();
  const expr = (dashboard: Linted, text: string) => {
    const [target] = panel(dashboard).targets ?? [];
    if (target) target.expr = text;
  };
  const spoiled: readonly (readonly [string, (dashboard: Linted) => void])[] = [
    [
      'template-datasource-rule',
      ({ templating: { list } }) =>
        list.forEach((one) => {
          if (one.type === 'datasource') one.name = 'source';
        }),
    ],
    [
      'template-label-promql-rule',
      ({ templating: { list } }) =>
        list.forEach((one) => {
          if (one.type === 'query') one.query = 'labels(x)';
        }),
    ],
    [
      'template-on-time-change-reload-rule',
      ({ templating: { list } }) =>
        list.forEach((one) => {
          if (one.type === 'query') one.refresh = 1;
        }),
    ],
    [
      'panel-datasource-rule',
      (it) => {
        panel(it).datasource.uid = 'prod-prometheus';
      },
    ],
    [
      'panel-title-description-rule',
      (it) => {
        panel(it).description = '';
      },
    ],
    [
      'panel-units-rule',
      (it) => {
        panel(it).fieldConfig.defaults.unit = 'furlongs';
      },
    ],
    [
      'panel-no-targets-rule',
      (it) => {
        panel(it).targets = undefined;
      },
    ],
    [
      'target-logql-rule',
      (it) => {
        panel(it).datasource.type = 'loki';
      },
    ],
    ['target-promql-rule', (it) => expr(it, 'sum by (')],
    ['target-rate-interval-rule', (it) => expr(it, 'rate(x_total[3m])')],
    ['target-counter-agg-rule', (it) => expr(it, 'sum(x_total)')],
    [
      'uneditable-dashboard',
      (it) => {
        it.editable = true;
      },
    ],
  ];
  it.each(spoiled)('%s finds what breaks it', (rule, spoil) => {
    const before = lint(good()).filter((one) => one.rule === rule).length;
    const it = good();
    spoil(it);
    expect(lint(it).filter((one) => one.rule === rule).length).toBeGreaterThan(before);
  });

  it('are all tried, but for those that every dashboard breaks and those on Loki’s windows', () => {
    const tried = new Set([
      ...spoiled.map(([rule]) => rule),
      ...all.map(({ rule }) => rule),
      'target-logql-auto-rule',
    ]);
    expect([...tried].sort()).toEqual([...RULES].sort());
  });
});
