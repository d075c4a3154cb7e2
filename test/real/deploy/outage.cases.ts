/**
 * A part of AWS is lost under the deployed functions and comes back: nothing runs without its record, callers
 * are told 503 in our own words, and everything goes on by itself.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { allEntries } from '../../../src/ledger/reader.ts';
import type { Answer, Deployment } from '../deployment.ts';
import type { Fault } from './wire.ts';

const WHO = { sub: 'ida', name: 'Ida Outage', email: 'ida@example.org', roles: ['operator'], kind: 'human' };

const AWAY = ['LEDGER_UNAVAILABLE', 'STORE_UNAVAILABLE'];

export function outages(given: () => Deployment): void {
  let chancery: Deployment;
  let token = '';

  beforeAll(async () => {
    chancery = given();
    token = await chancery.issuer.mint(WHO);
  });

  const deploy = (marker: string): Promise<Answer> =>
    chancery.call('POST /workflows/governed/execute', {
      token,
      body: {
        workflow_name: 'deploy-to-staging',
        drag_mode: 'execute',
        aim: {
          actor: { name: WHO.name, email: WHO.email },
          input: { sources: [{ type: 'api', description: 'release notes' }] },
          mission: { objective: 'Deploy while a part of AWS is away', success_criteria: ['it is done'] },
        },
        parameters: { environment: 'staging', version: marker },
      },
    });

  const deployed = (marker: string) =>
    chancery.endpoint.deployments.filter(({ parameters }) => parameters.version === marker);

  /** What holds for every answer that was not a success. */
  function expectAway(answers: readonly Answer[]): void {
    for (const { status, headers, body } of answers) {
      expect(AWAY).toContain(body.code);
      expect(status).toBe(503);
      expect(headers['content-type']).toContain('application/problem+json');
      expect(body.trace_id).toMatch(/./);
    }
  }

  /** By itself: nobody is told, restarted or deployed. */
  async function expectRecovery(marker: string): Promise<void> {
    const end = Date.now() + 20_000;
    let answer = await deploy(marker);
    while (answer.status !== 200 && Date.now() < end) answer = await deploy(marker);
    expect(answer.body).toMatchObject({ success: true, output: { health: 'ok' } });
    expect(deployed(marker)).toHaveLength(1);
  }

  describe('DynamoDB is lost under the deployed functions', () => {
    it.each<[Fault, number]>([
      ['refuse', 6],
      ['forget', 6],
      ['hang', 2],
    ])(
      '%s: every request is a 503 and nothing runs; then it goes on by itself',
      async (fault, callers) => {
        // Warm: what is lost is lost in the middle of its work, not at its start.
        expect((await deploy(`before-${fault}`)).status).toBe(200);
        const marker = `during-${fault}`;
        await chancery.wire.without('dynamodb', fault, async () => {
          expectAway(await Promise.all(Array.from({ length: callers }, () => deploy(marker))));
        });
        expect(chancery.wire.met.get('dynamodb')).toBeGreaterThan(callers);
        expect(deployed(marker)).toEqual([]);
        await expectRecovery(`after-${fault}`);
        expect(deployed(marker)).toEqual([]);
      },
      90_000,
    );
  });

  describe('only the answer to a write of the ledger is lost', () => {
    const put = 'dynamodb:PutItem';

    it('once: the same bytes are sent again, and it runs once', async () => {
      const answer = await chancery.wire.without(put, 'forget', () => deploy('put-once'), 1);
      expect(chancery.wire.met.get(put)).toBe(1);
      expect(answer.body).toMatchObject({ success: true });
      expect(deployed('put-once')).toHaveLength(1);
    });

    it('each time: a 503 and nothing runs, although the decision is in the ledger', async () => {
      await chancery.wire.without(put, 'forget', async () => {
        expectAway([await deploy('put-always')]);
      });
      expect(chancery.wire.met.get(put)).toBeGreaterThan(1);
      await expectRecovery('after-put-always');
      expect(deployed('put-always')).toEqual([]);
    }, 60_000);
  });

  describe('Step Functions is lost', () => {
    it('refuse: a 503, nothing ran, and the start that was recorded is there to be found stale', async () => {
      await chancery.wire.without('states', 'refuse', async () => {
        expectAway([await deploy('states-refuse')]);
      });
      expect(chancery.wire.met.get('states')).toBe(1);
      expect(deployed('states-refuse')).toEqual([]);
      await expectRecovery('after-states-refuse');
    }, 60_000);

    it('forget: what ran before its answer was lost had been recorded, and runs once', async () => {
      await chancery.wire.without('states', 'forget', async () => {
        expectAway([await deploy('states-forget')]);
      });
      const ran = deployed('states-forget');
      expect(ran).toHaveLength(1);
      const started = new Set<unknown>();
      for await (const { record } of allEntries(chancery.ledgerTable(), { type: 'decision.made' }))
        started.add(record.data.execution_id);
      expect(started).toContain(ran[0]?.execution_id);
    }, 60_000);
  });

  it('everything that was recorded through it verifies', async () => {
    const { out } = await chancery.chancery(['ledger', 'verify', '--json']);
    const { verdict, findings } = JSON.parse(out.trim().split('\n').at(-1) ?? '{}');
    expect(verdict).toMatch(/^(?:OK|PENDING)$/);
    expect(findings.filter(({ verdict: each }: { verdict: string }) => each !== 'PENDING')).toEqual([]);
  }, 60_000);
}

/** The same at a start: new environments of every function, and no KMS to certify their lanes. */
export async function expectStartWithoutKms(chancery: Deployment, version: string): Promise<void> {
  await chancery.wire.without('kms', 'refuse', async () => {
    await chancery.deploy('Change and deploy again', version);
    const token = await chancery.issuer.mint(WHO);
    const answer = await chancery.call('POST /governance/validate', { token, body: {} });
    expect(answer.body).toMatchObject({ status: 503, code: 'LEDGER_UNAVAILABLE' });
    expect(answer.status).toBe(503);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });
  expect(chancery.wire.met.get('kms')).toBeGreaterThan(0);
}
