/** Dev and prod in one account and region, each with a governed execution: nothing of the one is seen in the other. */
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Deployment } from '../deployment.ts';
import { ACCOUNT, REGION } from '../ministack.ts';
import { accessKeysOf } from './calls.ts';

const BOTH = ['dev', 'prod'] as const;
type Which = (typeof BOTH)[number];
const other = (which: Which): Which => (which === 'dev' ? 'prod' : 'dev');
/** Versions that a function may have had by then. */
const MOST_VERSIONS = 9;

export function besideEachOther(deployed: () => Deployment): void {
  describe('dev and prod side by side in one account and region', () => {
    const apis: Record<Which, string> = { dev: '', prod: '' };
    const runs = new Map<Which, Answer>();
    let token = '';
    let where: ConstructorParameters<typeof DynamoDBClient>[0];

    beforeAll(async () => {
      const { operator, issuer, ministack } = deployed();
      await operator.deployBeside('prod', issuer.url);
      for (const which of BOTH) apis[which] = await deployed().apiOf(which);
      token = await issuer.mint({
        sub: 'bea',
        name: 'Bea Beside',
        roles: ['operator', 'sre'],
        kind: 'human',
      });
      where = {
        region: REGION,
        endpoint: ministack.endpoint,
        credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'test' },
      };
    }, 300_000);

    const call = (which: Which, route: string, body?: unknown) =>
      deployed().call(route, { token, api: apis[which], ...(body === undefined ? {} : { body }) });

    it('each runs what is asked of it', async () => {
      expect(apis.dev).not.toBe(apis.prod);
      for (const which of BOTH) {
        const answer = await call(which, 'POST /workflows/governed/execute', asking(which));
        expect([which, answer.status, answer.body.success]).toEqual([which, 200, true]);
        runs.set(which, answer);
      }
    });

    it.each(BOTH)('no item of the tables of %s is of the other', async (which) => {
      const client = new DynamoDBClient(where ?? {});
      const theirs = runs.get(other(which))?.body;
      let items = 0;
      for (const part of ['ledger', 'state', 'subject-keys'])
        for await (const { Items = [] } of paginateScan(
          { client },
          { TableName: `chancery-${which}-${part}`, ConsistentRead: true },
        ))
          for (const item of Items) {
            items += 1;
            const text = Object.values(item)
              .map(({ B, ...rest }) =>
                B === undefined ? JSON.stringify(rest) : Buffer.from(B).toString('latin1'),
              )
              .join();
            for (const mark of [`chancery-${other(which)}`, theirs.decision_id, theirs.trace_id])
              expect(text.includes(mark), `${part} ${item.pk?.S} ${item.sk?.S}: ${mark}`).toBe(false);
          }
      expect(items).toBeGreaterThan(5);
    });

    it('counts its own executions', async () => {
      const counted = async (which: Which) => {
        const { body } = await call(which, 'GET /metrics');
        return Number(
          /workflow_executions_total\{[^}]*compliance-report[^}]*\} (\d+)/.exec(String(body))?.[1] ?? 0,
        );
      };
      await expect.poll(() => counted('prod'), { timeout: 40_000, interval: 500 }).toBe(1);
    }, 60_000);

    it('writes its own log groups, and figures under its own name', async () => {
      const client = new CloudWatchLogsClient(where ?? {});
      const groups: string[] = [];
      for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {}))
        groups.push(...logGroups.map(({ logGroupName = '' }) => logGroupName));
      for (const which of BOTH) {
        const own = groups.filter((name) => name.startsWith(`/chancery/${which}/`));
        const theirs = runs.get(other(which))?.body.trace_id;
        const named = new Set<string>();
        for (const logGroupName of own)
          for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName }))
            for (const { message = '' } of events) {
              expect(message.includes(theirs), `${logGroupName}: ${message}`).toBe(false);
              const [, environment] = /"Environment":"(\w+)"/.exec(message) ?? [];
              if (environment !== undefined) named.add(environment);
            }
        expect([which, [...named]]).toEqual([which, [which]]);
      }
    }, 60_000);

    it('asks AWS for nothing of the other, under roles of its own', async () => {
      const { out } = await deployed().operator.shell(
        `aws lambda list-functions --output json --query 'Functions[].[FunctionName,FunctionArn,Role]'`,
      );
      const functions: [string, string, string][] = JSON.parse(out);
      for (const which of BOTH) {
        const own = functions.filter(([name]) => name.startsWith(`chancery-${which}-`));
        expect(own.length).toBeGreaterThan(10);
        for (const [, , role] of own) expect(role).toContain(`role/chancery-${which}-`);
        const keys = new Set(own.flatMap(([, arn, role]) => accessKeysOf(arn, role, MOST_VERSIONS)));
        const asked = [...deployed().wire.calls.values()].filter(({ accessKey }) => keys.has(accessKey));
        expect(asked.length).toBeGreaterThan(10);
        expect(asked.filter(({ resource }) => resource.includes(`chancery-${other(which)}-`))).toEqual([]);
      }
    });

    it('has names of its own: stacks, exports, alarms, rules, roles, buckets, secrets, state machines', async () => {
      for (const [list, query] of [
        ['cloudformation list-exports', 'Exports[].Name'],
        ['cloudwatch describe-alarms', 'MetricAlarms[].AlarmName'],
        ['events list-rules', 'Rules[].Name'],
        ['iam list-roles', 'Roles[].RoleName'],
        ['s3api list-buckets', 'Buckets[].Name'],
        ['secretsmanager list-secrets', 'SecretList[].Name'],
        ['stepfunctions list-state-machines', 'stateMachines[].name'],
      ] as const) {
        const { out } = await deployed().operator.shell(`aws ${list} --output json --query '${query}'`);
        const names: string[] = JSON.parse(out) ?? [];
        expect(new Set(names).size, list).toBe(names.length);
        expect(names.filter((name) => /chancery.dev/.test(name) && /chancery.prod/.test(name))).toEqual([]);
        for (const which of BOTH)
          expect(
            names.some((name) => new RegExp(`chancery.${which}`).test(name)),
            `${list}: ${which}`,
          ).toBe(true);
      }
    }, 60_000);
  });
}

const asking = (which: Which) => ({
  workflow_name: 'compliance-report',
  drag_mode: 'execute',
  aim: {
    actor: { name: 'Bea Beside' },
    input: { sources: [{ type: 'ledger', description: 'what was recorded lately' }] },
    mission: { objective: `Report what ${which} recorded lately`, success_criteria: ['it is there'] },
  },
  parameters: {},
});
