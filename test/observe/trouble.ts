/** What makes trouble in the scenario of moves.test.ts: a charter that errs, an alert, somebody with a SQL tool. */
import { DatabaseSync } from 'node:sqlite';
import { dataPaths } from '../../local/stores.ts';
import type { Item } from '../../src/ports.ts';
import { edited } from '../charter/world.ts';
import { FaultyTable } from '../support/faulty-table.ts';

/** Changes to the shipped charter: a policy that validates and cannot be evaluated, and a limit that is soon reached. */
export const TROUBLE: Readonly<Record<string, string>> = {
  'policies/overflow.cedar': `@id("sum-too-large")
@description("Adds more than a number holds: an error at evaluation, which denies.")
forbid (principal, action == Chancery::Action::"execute", resource == Chancery::Workflow::"deploy-to-staging")
when { context.risk + 9223372036854775807 < 0 };
`,
  'limits.yaml': edited(
    'limits.yaml',
    '  - { id: executions,',
    '  - { id: service_runs, scope: workflows:execute, kind: service, limit: 2, window: 60s }\n  - { id: executions,',
  ),
};

/** What Alertmanager sends for one alert that fires. */
export const ALERT = {
  version: '4',
  groupKey: '{}:{alertname="CriticalViolation"}',
  status: 'firing',
  groupLabels: { alertname: 'CriticalViolation' },
  alerts: [
    {
      status: 'firing',
      labels: {
        alertname: 'CriticalViolation',
        severity: 'critical',
        group: 'charter',
        channel: 'violations',
      },
      annotations: { summary: 'A CRIMINAL violation', description: 'One.' },
      startsAt: '2026-11-21T08:00:00.000Z',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: 'f1',
    },
  ],
};

/** Replaces record 1 of every lane. */
export function tamper(folder: string): void {
  const tool = new DatabaseSync(dataPaths(folder).table, { timeout: 10_000 });
  tool.exec(`UPDATE items SET b = X'7B7D' WHERE pk GLOB 'LANE#*' AND sk = '0000000001'`);
  tool.close();
}

/** An identifier over which the store's adapter trips, with an exception that has no code. */
export const UNFORESEEN = 'apr_unforeseen';

export class UnforeseenTable extends FaultyTable {
  override get(pk: string, sk: string): Promise<Item | undefined> {
    if (`${pk} ${sk}`.includes(UNFORESEEN)) throw new TypeError('x is not a function');
    return super.get(pk, sk);
  }
}
