/** What is left after SIGKILL in the middle of a thousand executions. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintLocalToken } from '../../adapters/local/dev-issuer.ts';
import { startProcess } from '../support/process.ts';
import { governed, OPERATOR, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

const WORKFLOWS = join(PROJECT, 'test/fixtures/workflows');
const EXECUTIONS = 1_000;

interface Acknowledged {
  readonly execution_id: string;
  readonly decision: string;
  readonly outcome: string;
}

describe('a runtime that is killed in the middle of 1,000 concurrent executions', () => {
  let folder = '';
  let restarted: TestRuntime | undefined;
  let acknowledged: Acknowledged[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chancery-killed-'));
    const killed = await startProcess(folder, { CHANCERY_WORKFLOWS: WORKFLOWS });
    const token = await mintLocalToken(folder, OPERATOR, Date.now());
    const answers: Promise<Acknowledged | undefined>[] = [];
    let done = 0;
    let enough: () => void = () => undefined;
    const some = new Promise<void>((resolve) => {
      enough = resolve;
    });
    for (let index = 0; index < EXECUTIONS; index += 1) {
      // Every other run takes a second: at the kill some have ended, some run, some have not begun.
      const body = governed({ workflow_name: index % 2 === 0 ? 'hello' : 'nap' });
      answers.push(
        send(killed.url, token, body).then((answer) => {
          done += 1;
          if (done === 200) enough();
          return answer;
        }),
      );
    }
    await some;
    await killed.kill('SIGKILL');
    acknowledged = (await Promise.all(answers)).filter((answer) => answer !== undefined);
    restarted = await startTestRuntime({ dataFolder: folder, workflowsFolder: WORKFLOWS });
  }, 60_000);

  afterAll(async () => {
    await restarted?.stop();
    await rm(folder, { recursive: true });
  });

  const records = async (
    type: string,
  ): Promise<{ id: string; record: { data: { execution_id?: string } } }[]> => {
    if (!restarted) throw new Error('the runtime was not restarted');
    const token = await restarted.token({ sub: 'ada', roles: ['auditor'] });
    const found: { id: string; record: { data: { execution_id?: string } } }[] = [];
    let cursor = '';
    do {
      const { body } = await restarted.call('GET', `/ledger/entries?type=${type}&limit=500${cursor}`, {
        token,
      });
      found.push(...body.entries);
      cursor = body.next === undefined ? '' : `&cursor=${encodeURIComponent(body.next)}`;
    } while (cursor !== '');
    return found;
  };
  const executions = async (type: string) =>
    new Set((await records(type)).map(({ record }) => record.data.execution_id));

  it('was killed while some were acknowledged and some were not', () => {
    expect(acknowledged.length).toBeGreaterThanOrEqual(200);
    expect(acknowledged.length).toBeLessThan(EXECUTIONS);
  });

  it('has the decision and the outcome of every acknowledged execution', async () => {
    const decisions = new Map(
      (await records('decision.made')).map(({ id, record }) => [id, record.data.execution_id]),
    );
    const outcomes = new Map(
      (await records('workflow.succeeded')).map(({ id, record }) => [id, record.data.execution_id]),
    );
    for (const { execution_id, decision, outcome } of acknowledged) {
      expect(decisions.get(decision)).toBe(execution_id);
      expect(outcomes.get(outcome)).toBe(execution_id);
    }
  });

  it('finds each run that was cut off as workflow.stale, once', async () => {
    const begun = await executions('decision.made');
    const ended = await executions('workflow.succeeded');
    const cut = [...begun].filter((id) => !ended.has(id));
    expect(cut.length).toBeGreaterThan(0);
    await expect
      .poll(async () => (await records('workflow.stale')).length, { timeout: 15_000 })
      .toBe(cut.length);
    expect(await executions('workflow.stale')).toEqual(new Set(cut));
  }, 20_000);

  it('verifies', async () => {
    expect(await restarted?.faults()).toEqual([]);
    expect((await restarted?.audit())?.verdict).toMatch(/^(OK|PENDING)$/);
  });
});

async function send(url: string, token: string, body: unknown): Promise<Acknowledged | undefined> {
  try {
    const response = await fetch(`${url}/workflows/governed/execute`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.status !== 200) return undefined;
    const answer = (await response.json()) as {
      execution_id: string;
      receipt: { id: string };
      outcome_receipt: { id: string };
    };
    return {
      execution_id: answer.execution_id,
      decision: answer.receipt.id,
      outcome: answer.outcome_receipt.id,
    };
  } catch {
    // The connection broke: nothing was acknowledged.
    return undefined;
  }
}
