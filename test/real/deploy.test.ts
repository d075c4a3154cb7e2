/**
 * `npm run test:real -- deploy`: the ledger and gate stacks on an AWS stand-in that enforces IAM, deployed by the CDK CLI
 * and driven over HTTP with tokens of a real issuer.
 *
 * Not asserted here, because the stand-in does not do it: throttling, WAF, CodeDeploy canaries, reserved
 * concurrency, CloudWatch alarms, retries of event sources and dead letters, arm64. Synthesis asserts
 * their configuration (test/infra).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEntries } from '../../src/ledger/reader.ts';
import { alarms } from './deploy/alarm.cases.ts';
import { behindOurBacks } from './deploy/behind.cases.ts';
import { besideEachOther } from './deploy/beside.cases.ts';
import { contradictions } from './deploy/contradiction.cases.ts';
import { freshness } from './deploy/freshness.cases.ts';
import { healing } from './deploy/healing.cases.ts';
import { liveFeed } from './deploy/live.cases.ts';
import { operations, tearDown } from './deploy/operations.cases.ts';
import { expectStartWithoutKms, outages } from './deploy/outage.cases.ts';
import { insiders } from './deploy/power.cases.ts';
import { revocations } from './deploy/revocation.cases.ts';
import { rights } from './deploy/rights.cases.ts';
import { everyRoute } from './deploy/routes.cases.ts';
import { tools } from './deploy/tools.cases.ts';
import { traces } from './deploy/traces.cases.ts';
import { whistleblowing } from './deploy/whistleblower.cases.ts';
import { type Answer, Deployment } from './deployment.ts';

const lines: string[] = [];
let chancery: Deployment;
const tokens: Record<string, string> = {};

const PEOPLE = {
  olive: {
    sub: 'olive',
    name: 'Olive Operator',
    email: 'olive@example.org',
    roles: ['operator'],
    kind: 'human',
  },
  otto: {
    sub: 'otto',
    name: 'Otto Second',
    email: 'otto@example.org',
    roles: ['committee_member', 'admin'],
    kind: 'human',
  },
  oona: {
    sub: 'oona',
    name: 'Oona Third',
    email: 'oona@example.org',
    roles: ['committee_member'],
    kind: 'human',
  },
  aude: { sub: 'aude', name: 'Aude Auditor', email: 'aude@example.org', roles: ['auditor'], kind: 'human' },
  none: { sub: 'none', name: 'Norma Nobody', email: 'norma@example.org', roles: [], kind: 'human' },
} as const;
type Person = keyof typeof PEOPLE;

beforeAll(async () => {
  chancery = await Deployment.start((text) => lines.push(text));
  await chancery.deploy('Deploy from nothing');
  for (const [name, claims] of Object.entries(PEOPLE)) tokens[name] = await chancery.issuer.mint(claims);
}, 600_000);

afterAll(async () => {
  await chancery?.stop();
});

const token = (person: Person): string => tokens[person] ?? '';

function asking(person: Person, workflow: string, parameters: object, more: object = {}) {
  const { name, email } = PEOPLE[person];
  return {
    workflow_name: workflow,
    drag_mode: 'execute',
    aim: {
      actor: { name, email },
      input: { sources: [{ type: 'ledger', description: 'what was recorded lately' }] },
      mission: { objective: `Run ${workflow} for the deployment test`, success_criteria: ['it is done'] },
    },
    parameters,
    ...more,
  };
}

const execute = (person: Person, workflow: string, parameters: object = {}, more: object = {}) =>
  chancery.call('POST /workflows/governed/execute', {
    token: token(person),
    body: asking(person, workflow, parameters, more),
  });

async function eventually<T>(look: () => Promise<T | undefined>, seconds: number): Promise<T> {
  for (let tries = 0; tries < seconds * 2; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((wake) => setTimeout(wake, 500));
  }
  throw new Error(`not within ${seconds} s; the stand-in said last:\n${lines.slice(-20).join('')}`);
}

const problem = (answer: Answer) => ({ status: answer.status, code: answer.body.code });

/** What holds after every deployment. */
function drive(round: string): void {
  describe(`${round}: the door`, () => {
    it('tells anybody that it is there and ready', async () => {
      expect((await chancery.call('GET /health')).status).toBe(200);
      expect((await chancery.call('GET /health/ready')).status).toBe(200);
    });

    it('answers 401 without a token, at the edge', async () => {
      const answer = await chancery.call('GET /ledger/entries');
      expect(answer.status).toBe(401);
    });

    it('answers 401 to a forged and to an expired token, by the authorizer', async () => {
      const forged = await chancery.issuer.forge(PEOPLE.olive);
      const expired = await chancery.issuer.mint(PEOPLE.olive, -3_600);
      for (const bad of [forged, expired]) {
        expect((await chancery.call('GET /ledger/entries', { token: bad })).status).toBe(401);
      }
    });

    it('answers 403 to a good token without the scope, with our problem document', async () => {
      const answer = await chancery.call('GET /ledger/entries', { token: token('none') });
      expect(problem(answer)).toEqual({ status: 403, code: 'INSUFFICIENT_SCOPE' });
      expect(answer.headers['content-type']).toContain('application/problem+json');
    });

    it('answers 404 for a route that the application does not have', async () => {
      expect((await chancery.call('GET /no/such/route', { token: token('olive') })).status).toBe(404);
    });
  });

  describe(`${round}: governed executions`, () => {
    // A cold gate on a busy machine may give up on the issuer's keys once, and then answers 503 for some seconds.
    beforeAll(async () => {
      const known = async () =>
        (await chancery.call(`GET /executions/exe_${'0'.repeat(26)}`, { token: token('olive') })).status ===
        404;
      await eventually(async () => (await known()) || undefined, 60);
    }, 90_000);

    it('runs what is allowed, with a receipt for the decision and for the outcome', async () => {
      const answer = await execute('olive', 'compliance-report');
      expect(answer.body).toMatchObject({
        success: true,
        outcome: 'success',
        audit_logged: true,
        settlement: { result: 'met' },
        receipt: { record_hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
        output: { records: expect.any(Number), document: expect.any(String) },
      });
      expect(answer.status).toBe(200);
    });

    it('deploys to staging through the configured endpoint', async () => {
      const before = chancery.endpoint.deployments.length;
      const answer = await execute('olive', 'deploy-to-staging', { environment: 'staging', version: round });
      expect(answer.body).toMatchObject({ success: true, output: { health: 'ok', target: 'staging' } });
      expect(chancery.endpoint.deployments.slice(before)).toMatchObject([
        { target: 'staging', parameters: { version: round } },
      ]);
    });

    it("exports one person's records, opened", async () => {
      const answer = await execute('olive', 'data-export', { subject: 'olive' });
      expect(answer.body).toMatchObject({ success: true, output: { document: expect.any(String) } });
    });

    it('denies what the charter does not permit, and says why', async () => {
      const answer = await execute('aude', 'deploy-to-staging', {});
      expect(answer.status).toBe(403);
      expect(answer.body.reasons.length).toBeGreaterThan(0);
      expect(answer.body.receipt ?? answer.body.code).toBeDefined();
    });

    it('rejects a request without an objective, by its rule', async () => {
      const broken = asking('olive', 'compliance-report', {});
      broken.aim.mission.objective = 'short';
      const answer = await chancery.call('POST /workflows/governed/execute', {
        token: token('olive'),
        body: broken,
      });
      expect(problem(answer)).toEqual({ status: 400, code: 'GOVERNANCE_VALIDATION_FAILED' });
      expect(answer.body.reasons).toMatchObject([{ code: 'objective_too_short' }]);
    });

    it('gives the first answer again for the same idempotency key, and 409 for another body', async () => {
      const headers = { 'idempotency-key': `deploy-test-${round}` };
      const body = asking('olive', 'compliance-report', {});
      const send = (given: unknown) =>
        chancery.call('POST /workflows/governed/execute', { token: token('olive'), body: given, headers });
      const first = await send(body);
      const again = await send(body);
      expect(again.body).toEqual(first.body);
      expect(again.headers['idempotency-replayed']).toBe('true');
      const other = await send({ ...body, parameters: { from: '2026-01-01T00:00:00Z' } });
      expect(problem(other)).toEqual({ status: 409, code: 'IDEMPOTENCY_CONFLICT' });
    });

    it('waits for two people before it deploys to production, then runs by itself', async () => {
      const before = chancery.endpoint.deployments.length;
      const asked = await execute('olive', 'deploy-to-production', { version: round });
      expect(problem(asked)).toEqual({ status: 202, code: 'APPROVAL_REQUIRED' });
      const id = asked.body.approval.approval_id;
      const self = await chancery.call(`POST /approvals/${id}/approve`, { token: token('olive'), body: {} });
      expect(self.status).toBe(403);
      const first = await chancery.call(`POST /approvals/${id}/approve`, { token: token('otto'), body: {} });
      expect(first.status).toBe(200);
      expect(chancery.endpoint.deployments).toHaveLength(before);
      const second = await chancery.call(`POST /approvals/${id}/approve`, { token: token('oona'), body: {} });
      expect(second.status).toBe(200);
      await eventually(async () => chancery.endpoint.deployments[before], 20);
      const outcome = await eventually(async () => {
        const entries = await chancery.call(
          'GET /ledger/entries?type=workflow.succeeded&workflow=deploy-to-production',
          {
            token: token('aude'),
          },
        );
        return entries.body.entries?.length > 0 ? entries.body.entries[0] : undefined;
      }, 30);
      expect(outcome.record.data).toMatchObject({ outcome: 'success', settlement: { result: 'met' } });
    });
  });

  describe(`${round}: what was recorded`, () => {
    it('shows in the metrics, which another function folded', async () => {
      const told = await eventually(async () => {
        const { status, body } = await chancery.call('GET /metrics', { token: token('otto') });
        expect(status).toBe(200);
        return /chancery_workflow_executions_total\{[^}]*workflow="deploy-to-staging"[^}]*\} [1-9]/.test(body)
          ? String(body)
          : undefined;
      }, 20);
      expect(told).toContain('chancery_decisions_total');
    });

    it('is healthy in every part, the sealed log included', async () => {
      const checks = await eventually(async () => {
        const { body } = await chancery.call('GET /health');
        return body.status === 'healthy' ? body.checks : undefined;
      }, 40);
      expect(checks.map(({ name }: { name: string }) => name)).toEqual(
        expect.arrayContaining(['store', 'ledger', 'charter', 'workflow_engine', 'jwks', 'checkpoint']),
      );
    });

    it('is served as a checkpoint and tiles', async () => {
      const [, size] = await eventually(async () => {
        const { body } = await chancery.call('GET /checkpoint', { token: token('aude') });
        return /^chancery[^\n]*\n(\d+)\n/.exec(body) ?? undefined;
      }, 20);
      const width = Math.min(256, Number(size));
      const name = width === 256 ? '000' : `000.p/${width}`;
      const tile = await chancery.call(`GET /tile/0/${name}`, {
        token: token('aude'),
        headers: { accept: '*/*' },
      });
      expect([tile.status, Number(tile.headers['content-length'])]).toEqual([200, 32 * width]);
    });

    it('verifies from the operator’s side: table, tree, checkpoints, keys', async () => {
      const told = await eventually(async () => {
        const { code, out } = await chancery.chancery(['ledger', 'verify', '--json']);
        const verification = JSON.parse(out.trim().split('\n').at(-1) ?? '{}');
        if (verification.verdict === 'PENDING') return undefined;
        return { code, ...verification };
      }, 90);
      expect(told).toMatchObject({ verdict: 'OK', code: 0, findings: [] });
      expect(told.entries).toBeGreaterThan(10);
      expect(told.tree_size).toBe(told.entries);
    }, 120_000);
  });
}

drive('first');

traces(
  () => chancery,
  () => ({
    token: token('olive'),
    body: asking('olive', 'deploy-to-staging', { environment: 'staging', version: 'traced' }),
  }),
);
freshness(() => chancery);
healing(() => chancery);
whistleblowing(() => chancery);
outages(() => chancery);

describe('a second deployment', () => {
  it('that cannot start for want of KMS answers 503 until KMS is back', async () => {
    await expectStartWithoutKms(chancery, '0.1.1-test');
  }, 600_000);

  it('changes the code of every function and keeps the ledger', async () => {
    const { body } = await chancery.call('GET /openapi.json');
    expect(body.info.version).toBe('0.1.1-test');
  });
});

drive('second');

alarms(() => chancery);
revocations(() => chancery);
liveFeed(() => chancery);
everyRoute(() => chancery);
operations(() => chancery);
behindOurBacks(() => chancery);
insiders(() => chancery);
tools(() => chancery);
besideEachOther(() => chancery);
contradictions(() => chancery);

describe('somebody with the right to the table', () => {
  it('changes one byte of one record, and is found out', async () => {
    const { DynamoDBClient, GetItemCommand, PutItemCommand } = await import('@aws-sdk/client-dynamodb');
    const client = new DynamoDBClient({
      region: 'eu-central-1',
      endpoint: chancery.ministack.endpoint,
      credentials: { accessKeyId: '111122223333', secretAccessKey: 'test' },
    });
    const Key = { pk: { S: 'LANE#00000001' }, sk: { S: '0000000000' } };
    const { Item } = await client.send(new GetItemCommand({ TableName: 'chancery-dev-ledger', Key }));
    const bytes = Buffer.from(Item?.b?.B ?? []);
    bytes[bytes.length - 2] = (bytes[bytes.length - 2] ?? 0) ^ 1;
    await client.send(
      new PutItemCommand({ TableName: 'chancery-dev-ledger', Item: { ...Item, b: { B: bytes } } }),
    );
    const { code, out } = await chancery.chancery(['ledger', 'verify', '--json']);
    const verification = JSON.parse(out.trim().split('\n').at(-1) ?? '{}');
    expect(verification.verdict).not.toBe('OK');
    expect(verification.findings).toContainEqual(expect.objectContaining({ lane: 1, seq: 0 }));
    expect(code).toBe(1);
  }, 60_000);

  it('is seen by the sentinel within seconds, and that is on record', async () => {
    // In the table: over the API a look is recorded, and nobody's is any more once the patrol has found the byte as well.
    const ledger = chancery.ledgerTable();
    await eventually(async () => {
      const { entries } = await readEntries(ledger, { type: 'security.tamper_detected' }, { limit: 100 });
      return entries.find(
        ({ record: { data } }) => data.kind === 'stream_modify' && data.lane === 1 && data.seq === 0,
      );
    }, 20);
  });
});

rights(() => chancery);
tearDown(() => chancery);
