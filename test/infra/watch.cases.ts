import { describe, expect, it } from 'vitest';
import { ENVIRONMENT_NAMES, ENVIRONMENTS } from '../../lib/environments.ts';
import { ALL_FUNCTIONS, WATCH_FUNCTIONS } from '../../lib/functions.ts';
import { ampGroups, ruleGroups } from '../../src/watch/alerts/publish/render-rules.ts';
import { ALERT_SEVERITIES } from '../../src/watch/alerts/rules/rule.ts';
import { ALERTS, isVital } from '../../src/watch/alerts/rules/rules.ts';
import { cloudwatchName, VITAL } from '../../src/watch/metrics/cloudwatch.ts';
import { resourcesOf, statementsOf, synthesise } from './synth.ts';

describe.each(ENVIRONMENT_NAMES)('the watch stack of %s', (name) => {
  const { watch } = synthesise(name);
  const everything = ENVIRONMENTS[name].watch.cloudwatch === 'all';

  it('keeps samples for the days of the environment, with every rule and a route per severity', () => {
    watch.hasResourceProperties('AWS::APS::Workspace', {
      WorkspaceConfiguration: { RetentionPeriodInDays: ENVIRONMENTS[name].watch.metricDays },
    });
    const [rules] = resourcesOf(watch, 'AWS::APS::RuleGroupsNamespace');
    const data = JSON.stringify(rules?.[1].Properties.Data ?? '');
    const alerts = ampGroups(ruleGroups()).flatMap(({ rules: each }) =>
      each.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])),
    );
    expect(alerts.length).toBeGreaterThan(50);
    expect(alerts.filter((alert) => !data.includes(alert))).toEqual([]);
    const [workspace] = resourcesOf(watch, 'AWS::APS::Workspace');
    const definition = JSON.stringify(workspace?.[1].Properties.AlertManagerDefinition);
    for (const severity of ALERT_SEVERITIES) expect(definition).toContain(`Topic${severity}`);
  });

  it('publishes alerts to encrypted topics, whose key admits Managed Prometheus and CloudWatch only', () => {
    const topics = resourcesOf(watch, 'AWS::SNS::Topic');
    expect(topics).toHaveLength(4);
    for (const [id, { Properties }] of topics) expect(Properties.KmsMasterKeyId, id).toBeDefined();
    const [key] = resourcesOf(watch, 'AWS::KMS::Key');
    const services = statementsOf(key?.[1].Properties.KeyPolicy).flatMap(({ Principal }) =>
      typeof Principal === 'object' && Principal !== null && 'Service' in Principal
        ? [Principal.Service]
        : [],
    );
    expect(services.sort()).toEqual(['aps.amazonaws.com', 'cloudwatch.amazonaws.com']);
    for (const [, policy] of resourcesOf(watch, 'AWS::SNS::TopicPolicy')) {
      const publish = statementsOf(policy.Properties.PolicyDocument).filter(
        ({ Effect }) => Effect === 'Allow',
      );
      expect(publish.map(({ Condition }) => Condition)).toEqual(
        publish.map(() => ({ StringEquals: { 'aws:SourceAccount': '111122223333' } })),
      );
    }
  });

  it('has an alarm for every alert that CloudWatch must tell, named so that the notifier finds the alert', () => {
    const alarms = [
      ...resourcesOf(watch, 'AWS::CloudWatch::Alarm'),
      ...resourcesOf(watch, 'AWS::CloudWatch::CompositeAlarm'),
    ].map(([, each]) => each.Properties);
    for (const rule of ALERTS) {
      const { name: alert, aws } = rule;
      if (aws === undefined || !(everything || isVital(rule))) continue;
      const own = alarms.filter(
        ({ AlarmName }) =>
          AlarmName === `chancery-${name}-${alert}` ||
          String(AlarmName).startsWith(`chancery-${name}-${alert}-`),
      );
      expect(own.length, alert).toBeGreaterThan(0);
      for (const alarm of own) {
        expect(alarm.AlarmActions, alert).toHaveLength(1);
        expect(alarm.AlarmDescription).toContain('runbook.md#');
      }
    }
  });

  // An environment that does not want it has no such alarm: there is no test to leave out.
  if (everything)
    it('holds the CPU of a function against what its memory brings, so that the alarm can be reached', () => {
      const alarmOf = (each: string) =>
        resourcesOf(watch, 'AWS::CloudWatch::Alarm')
          .map(([, { Properties }]) => Properties)
          .find(({ AlarmName }) => AlarmName === `chancery-${name}-LambdaCpuHigh-${each}`);
      for (const { name: each, memory } of [...ALL_FUNCTIONS, ...WATCH_FUNCTIONS]) {
        const share = Number(alarmOf(each)?.Threshold) / ((100 * memory) / 1_769);
        expect(share, each).toBeCloseTo(0.8);
      }
    });

  it('watches the canary from outside: silence is an alarm', () => {
    const silent = resourcesOf(watch, 'AWS::CloudWatch::Alarm')
      .map(([, each]) => each.Properties)
      .filter(
        ({ TreatMissingData, AlarmName }) =>
          TreatMissingData === 'breaching' && /anary|ServiceDown/.test(String(AlarmName)),
      );
    expect(silent.length).toBeGreaterThan(0);
  });

  it('has Managed Grafana under SAML, filled by a custom resource that changes with the dashboards', () => {
    watch.hasResourceProperties('AWS::Grafana::Workspace', {
      AuthenticationProviders: ['SAML'],
      DataSources: ['PROMETHEUS', 'CLOUDWATCH'],
    });
    const [content] = resourcesOf(watch, 'AWS::CloudFormation::CustomResource');
    expect(content?.[1].Properties.dashboards).toMatch(/^[0-9a-f]{64}$/);
  });

  it('runs its functions like all others, and wakes those with a schedule each minute', () => {
    const functions = resourcesOf(watch, 'AWS::Lambda::Function').map(([, each]) => each.Properties);
    for (const { name: each } of WATCH_FUNCTIONS) {
      expect(functions.find(({ FunctionName }) => FunctionName === `chancery-${name}-${each}`)).toMatchObject(
        {
          Runtime: 'nodejs24.x',
          Architectures: ['arm64'],
          TracingConfig: { Mode: 'Active' },
        },
      );
    }
    const minutely = resourcesOf(watch, 'AWS::Events::Rule').filter(
      ([, each]) => each.Properties.ScheduleExpression === 'rate(1 minute)',
    );
    expect(minutely).toHaveLength(5);
  });

  it('draws every dashboard in CloudWatch as well, and keeps the events as a log, where that is wanted', () => {
    expect(resourcesOf(watch, 'AWS::CloudWatch::Dashboard')).toHaveLength(everything ? 9 : 0);
    expect(resourcesOf(watch, 'AWS::CloudWatch::InsightRule')).toHaveLength(everything ? 3 : 0);
  });

  if (!everything)
    it('emits just those metrics of ours that its alarms watch', () => {
      const watched = resourcesOf(watch, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) =>
        [...JSON.stringify(Properties).matchAll(/"MetricName":"(\w+)","Namespace":"Chancery"/g)].map(
          ([, metric]) => metric,
        ),
      );
      expect([...new Set(watched)].sort()).toEqual(VITAL.map(cloudwatchName).sort());
    });

  it('pushes every half minute without a function that sleeps', () => {
    const [[, machine] = []] = resourcesOf(watch, 'AWS::StepFunctions::StateMachine');
    expect(machine?.Properties.StateMachineType).toBe('EXPRESS');
    expect(JSON.stringify(machine?.Properties.DefinitionString)).toMatch(/Seconds\\":30/);
  });
});
