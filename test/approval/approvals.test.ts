import { beforeEach, describe, expect, it } from 'vitest';
import { EXPIRES_AFTER_HOURS } from '../../src/govern/approvals/approval.ts';
import { pseudonym } from '../support/person.ts';
import { body, openWorld, person, type World } from './world.ts';

const HOUR = 3_600_000;
let world: World;
beforeEach(async () => {
  world = await openWorld();
});

const decide = (
  id: string,
  who: ReturnType<typeof person>,
  more: { comment?: string; action_digest?: string } = {},
) => world.approvals.decide(id, who, { verdict: 'approve', ...more });

describe('an approval', () => {
  it('is granted by a quorum of different people, each step recorded after the one before, and then runs by itself', async () => {
    const id = await world.ask();
    expect(await decide(id, person('ann'))).toMatchObject({
      ok: true,
      approval: { status: 'pending', approvals: 1 },
    });
    expect(world.runs).toHaveLength(0);
    const second = await decide(id, person('bob'), { comment: 'go' });
    expect(second).toMatchObject({
      ok: true,
      approval: { status: 'approved', approvals: 2, execution: { outcome: 'started' } },
    });
    expect(world.runs).toMatchObject([
      {
        approval_id: id,
        body: body(),
        action_digest: 'd'.repeat(64),
        caller: { principal: { sub: 'rita' } },
      },
    ]);

    const records = (await world.records('approval.*')).map(({ type, data }) => [
      type,
      data.votes,
      data.final,
    ]);
    expect(records).toEqual([
      ['approval.requested', 0, false],
      ['approval.approved', 1, false],
      ['approval.approved', 2, true],
    ]);
    const last = (await world.records('approval.approved')).at(-1);
    expect(last?.data).toMatchObject({
      priority: 'critical',
      quorum: 2,
      waited_us: 0,
      action_digest: 'd'.repeat(64),
    });
    const [, run] = [last, (await world.records('decision.made'))[0]];
    expect(run?.after).toBe(world.runs[0]?.record_hash);
  });

  it('is refused by one person, and what was bound to it is forgotten', async () => {
    const id = await world.ask();
    const refused = await world.approvals.decide(id, person('ann'), {
      verdict: 'reject',
      comment: 'not on a Friday',
    });
    expect(refused).toMatchObject({
      ok: true,
      approval: { status: 'rejected', votes: [{ verdict: 'reject', comment: 'not on a Friday' }] },
    });
    expect(refused?.approval.request).toBeUndefined();
    expect(await decide(id, person('bob'))).toMatchObject({ ok: false, reason: { code: 'approval_ended' } });
    expect(world.runs).toHaveLength(0);
    expect((await world.records('approval.rejected'))[0]?.data).toMatchObject({ final: true });
  });

  it.each(Object.entries(EXPIRES_AFTER_HOURS))(
    'of priority %s expires after %i h, with one warning an hour before',
    async (priority, hours) => {
      const id = await world.ask({
        approval: { quorum: 1, priority: priority as keyof typeof EXPIRES_AFTER_HOURS },
      });
      const began = world.time.now;
      world.time.now = began + (hours - 1) * HOUR - 1;
      expect(await world.approvals.sweep()).toEqual({ expired: 0, warned: 0, resumed: 0 });
      world.time.now += 1;
      expect(await world.approvals.sweep()).toEqual({ expired: 0, warned: 1, resumed: 0 });
      world.time.now = began + hours * HOUR - 1;
      expect(await world.approvals.sweep()).toEqual({ expired: 0, warned: 0, resumed: 0 });
      world.time.now += 1;
      expect(await world.approvals.sweep()).toEqual({ expired: 1, warned: 0, resumed: 0 });
      expect(await world.approvals.sweep()).toEqual({ expired: 0, warned: 0, resumed: 0 });
      expect(await world.records('alert.fired')).toHaveLength(1);
      expect(await world.records('alert.fired')).toMatchObject([
        { data: { alert: 'approval_expiring', approval_id: id, priority } },
      ]);
      expect(await world.records('approval.expired')).toMatchObject([
        { data: { final: true, priority, waited_us: hours * HOUR * 1000 } },
      ]);
      expect(await decide(id, person('ann'))).toMatchObject({ ok: false });
    },
  );

  it('that is overdue does not count even before a sweep came by', async () => {
    const id = await world.ask({ approval: { quorum: 1, priority: 'critical' } });
    world.time.now += 2 * HOUR;
    expect((await world.approvals.list({ limit: 10 })).approvals).toMatchObject([{ status: 'expired' }]);
    expect(await decide(id, person('ann'))).toMatchObject({
      ok: false,
      reason: { code: 'approval_ended' },
      approval: { status: 'expired' },
    });
    expect(await world.records('approval.expired')).toHaveLength(1);
    expect(world.runs).toHaveLength(0);
  });

  it('unknown is undefined, and listed ones come newest first, by status', async () => {
    expect(await world.approvals.get('apr_none')).toBeUndefined();
    expect(await decide('apr_none', person('ann'))).toBeUndefined();
    const first = await world.ask();
    const second = await world.ask();
    await world.approvals.decide(first, person('ann'), { verdict: 'reject' });
    const ids = async (status?: 'pending' | 'rejected') =>
      (await world.approvals.list({ limit: 10, ...(status ? { status } : {}) })).approvals.map(
        (each) => each.approval_id,
      );
    expect(await ids()).toEqual([second, first]);
    expect(await ids('pending')).toEqual([second]);
    expect(await ids('rejected')).toEqual([first]);
    const page = await world.approvals.list({ limit: 1 });
    expect(await world.approvals.list({ limit: 1, after: page.next ?? '' })).toMatchObject({
      approvals: [{ approval_id: first }],
    });
  });
});

describe('a request of nearly a megabyte', () => {
  it('waits, is shown and runs like any other', async () => {
    const large = { ...body(), parameters: { text: 'ü'.repeat(450_000) } };
    const id = await world.ask({ body: large, approval: { quorum: 1, priority: 'low' } });
    expect((await world.approvals.get(id))?.request).toEqual(large);
    expect(await decide(id, person('ann'))).toMatchObject({ ok: true, approval: { status: 'approved' } });
    expect(world.runs[0]?.body).toEqual(large);
  });
});

describe('a list by status', () => {
  it('reads on past those of another, and never gives more than asked', async () => {
    const waiting = [await world.ask(), await world.ask()];
    for (let count = 0; count < 12; count += 1)
      await world.approvals.decide(await world.ask(), person('ann'), { verdict: 'reject' });
    const first = await world.approvals.list({ status: 'pending', limit: 1 });
    expect(first.approvals.map(({ id }) => id)).toEqual([waiting[1]]);
    const second = await world.approvals.list({ status: 'pending', limit: 5, after: first.next ?? '' });
    expect(second.approvals.map(({ id }) => id)).toEqual([waiting[0]]);
    expect(second.next).toBeUndefined();
  });
});

describe('a word does not count', () => {
  const asked = {
    requester: person('rita', { act: ['helper'] }),
    body: body({ name: 'Carl  Named ', email: 'Carl@Example.org' }),
  };

  it.each([
    ['of the requester', person('rita'), {}, 'approver_is_requester', true],
    ['of who acts for the requester', person('helper'), {}, 'approver_is_requester', true],
    [
      'of the person named as actor, by name',
      person('x', { name: 'carl  named' }),
      {},
      'approver_is_actor',
      true,
    ],
    [
      'of the person named as actor, by address',
      person('x', { email: 'carl@example.org' }),
      {},
      'approver_is_actor',
      true,
    ],
    ['of an agent', person('bot', { kind: 'agent' }), {}, 'approver_not_human', true],
    ['of a service', person('svc', { kind: 'service' }), {}, 'approver_not_human', true],
    ['of a person with an act chain', person('ann', { act: ['bot'] }), {}, 'approver_not_human', true],
    ['given for something else', person('ann'), { action_digest: 'e'.repeat(64) }, 'digest_mismatch', false],
  ])('%s', async (_, who, more, code, suspicious) => {
    const id = await world.ask(asked);
    expect(await decide(id, who, more)).toMatchObject({
      ok: false,
      reason: { code, kind: 'forbidden' },
      approval: { approvals: 0 },
    });
    const noted = await world.records('security.suspicious_activity');
    expect(noted.map((record) => record.data)).toEqual(
      suspicious ? [{ pattern: code, approval_id: id }] : [],
    );
    expect((await world.records('api.request')).map(({ data }) => data)).toEqual(
      suspicious
        ? []
        : [{ what: 'approval', result: 'refused', reason: code, approval_id: id, status: 'pending' }],
    );
    expect(await world.approvals.get(id)).toMatchObject({ status: 'pending', approvals: 0 });
  });

  it('when it is given twice, or too late, and is on record', async () => {
    const id = await world.ask();
    await decide(id, person('ann'));
    expect(await decide(id, person('ann'))).toMatchObject({ ok: false, reason: { code: 'already_decided' } });
    world.time.now += 3 * 3_600_000;
    expect(await decide(id, person('bob'))).toMatchObject({ ok: false, reason: { code: 'approval_ended' } });
    expect(world.runs).toHaveLength(0);
    const refused = (await world.records('api.request')).map(({ data }) => [data.reason, data.status]);
    expect(refused).toEqual([
      ['already_decided', 'pending'],
      ['approval_ended', 'expired'],
    ]);
  });
});

describe('two people at the same moment', () => {
  it('make one quorum and one run; who is told to repeat can', async () => {
    const id = await world.ask();
    const people = ['ann', 'bob', 'cleo'].map((sub) => person(sub));
    for (let round = 0; round < 3; round += 1) {
      const outcomes = await Promise.allSettled(people.map((who) => decide(id, who)));
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CONFLICT' });
    }
    expect(world.runs).toHaveLength(1);
    expect((await world.records('approval.approved')).map((record) => record.data.final)).toEqual([
      false,
      true,
    ]);
  });
});

describe('after a crash', () => {
  /** Does the whole story again and again, as clients and sweeps do, until nothing is left to do. */
  async function persist(): Promise<string> {
    const id = await world.ask().catch(() => undefined);
    for (let round = 0; round < 6; round += 1) {
      const { approvals } = await world.approvals.list({ limit: 10 });
      for (const { approval_id } of approvals)
        for (const sub of ['ann', 'bob']) await decide(approval_id, person(sub)).catch(() => undefined);
      world.time.now += 61_000;
      await world.approvals.sweep().catch(() => undefined);
    }
    return id ?? (await world.approvals.list({ limit: 1 })).approvals[0]?.approval_id ?? 'none';
  }

  async function expectWhole(id: string): Promise<void> {
    if (id === 'none') return expect(await world.records('approval.*')).toEqual([]);
    expect(await world.approvals.get(id)).toMatchObject({
      status: 'approved',
      execution: { outcome: 'started' },
    });
    const records = (await world.records('approval.*')).map(({ type, data }) => [
      type,
      data.votes,
      data.final,
    ]);
    expect(records).toEqual([
      ['approval.requested', 0, false],
      ['approval.approved', 1, false],
      ['approval.approved', 2, true],
    ]);
    expect(await world.records('decision.made')).toHaveLength(1);
    expect(world.runs).toHaveLength(1);
  }

  /** Opening (three), two votes, claiming the run, closing it (two each). */
  const puts = Array.from({ length: 11 }, (_, skip) => skip);
  it.each(puts.flatMap((skip) => [['before', skip] as const, ['after', skip] as const]))(
    'of the store, %s it stored put %i, each step is recorded once and the run starts once',
    async (fault, skip) => {
      world.table.fail('put', fault, { skip });
      await expectWhole(await persist());
      expect(world.table.unmet).toBe(0);
    },
  );

  const appends = Array.from({ length: 3 }, (_, skip) => skip);
  it.each(appends.flatMap((skip) => [['before', skip] as const, ['after', skip] as const]))(
    'of the ledger, %s it stored append %i, the same holds',
    async (when, skip) => {
      world.ledger.fault = { when, skip };
      await expectWhole(await persist());
    },
  );

  it.each(['before', 'after'] as const)(
    'of the run, %s its decision was recorded, the same holds',
    async (when) => {
      world.failRun = when;
      await expectWhole(await persist());
      expect(world.logged).toContain('An approved run could not be started yet.');
    },
  );
});

describe('the record of a vote', () => {
  it('carries who, through which request and session, and what they said, sealed', async () => {
    const id = await world.ask({ approval: { quorum: 1, priority: 'low' } });
    const { name: _, email: __, ...nameless } = person('ann').principal;
    const voter = { ...person('ann'), principal: { ...nameless, session: 'sid-1' }, request_id: 'req-1' };
    await decide(id, voter, { comment: 'fine by me' });
    const [record] = await world.records('approval.approved');
    expect(record?.meta).toMatchObject({ request_id: 'req-1', session_id: 'sid-1', charter: 'c'.repeat(64) });
    expect(record?.personal?.box).toBeDefined();
    expect(JSON.stringify(record)).not.toContain('fine by me');
    const again = await decide(await world.ask(), {
      ...voter,
      principal: { ...voter.principal, sub: 'rita' },
    });
    expect(again).toMatchObject({ ok: false });
    expect(await world.records('security.suspicious_activity')).toMatchObject([
      { meta: { request_id: 'req-1' } },
    ]);
  });

  it('of something other than a workflow names none', async () => {
    const id = await world.ask({
      approval: undefined,
      question: { resource: { type: 'agent', id: 'planner' } },
    });
    expect(await world.approvals.get(id)).toMatchObject({ drag_mode: 'none', priority: 'medium', quorum: 1 });
    const [record] = await world.records('approval.requested');
    expect(record?.data.workflow).toBeUndefined();
  });
});

describe('a sweep', () => {
  it('leaves alone what is being decided at this moment, and comes back to it', async () => {
    const id = await world.ask({ approval: { quorum: 2, priority: 'critical' } });
    world.time.now += HOUR;
    world.ledger.fault = { when: 'before', skip: 0 };
    await expect(decide(id, person('ann'))).rejects.toThrow();
    expect(await world.approvals.sweep()).toEqual({ expired: 0, warned: 0, resumed: 0 });
    await expect(decide(id, person('bob'))).rejects.toMatchObject({
      code: 'CONFLICT',
      headers: { 'retry-after': '1' },
    });
    world.time.now += 31_000;
    expect(await world.approvals.sweep()).toEqual({ expired: 0, warned: 1, resumed: 0 });
    expect(await world.approvals.get(id)).toMatchObject({ approvals: 1, warned: true });
  });

  it('says so when the store is down', async () => {
    await world.ask();
    world.table.down();
    await expect(world.approvals.sweep()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('looks only at what may still need something', async () => {
    const id = await world.ask({ approval: { quorum: 1, priority: 'low' } });
    await world.approvals.decide(id, person('ann'), { verdict: 'reject' });
    await world.approvals.sweep();
    world.table.forget();
    await world.approvals.sweep();
    expect(world.table.calls.map(({ operation, pk }) => `${operation} ${pk}`)).toEqual([
      'query APPROVALS#LIVE',
    ]);
  });

  it('goes through all pages', async () => {
    for (let count = 0; count < 105; count += 1)
      await world.ask({ approval: { quorum: 1, priority: 'critical' } });
    world.time.now += 2 * HOUR;
    expect(await world.approvals.sweep()).toMatchObject({ expired: 105 });
  });
});

describe('an execution that ended before the answer', () => {
  it.each([
    [
      { kind: 'ran', finished: { data: { execution_id: 'exe_9', outcome: 'failure' } } } as const,
      { execution_id: 'exe_9', outcome: 'failure' },
    ],
    [{ kind: 'refused' } as const, { outcome: 'refused' }],
  ])('shows in the approval: %j', async (answer, execution) => {
    world.answer = answer;
    const id = await world.ask({ approval: { quorum: 1, priority: 'low' } });
    expect(await decide(id, person('ann'))).toMatchObject({ approval: { status: 'approved', execution } });
    expect((await world.approvals.get(id))?.request).toBeUndefined();
  });
});

describe('a person who is erased', () => {
  it('is first withdrawn, and afterwards nothing of what they asked can be read', async () => {
    const id = await world.ask();
    const other = await world.ask({ requester: person('olga') });
    expect(await world.approvals.withdraw(pseudonym(person('rita').principal))).toBe(1);
    await world.erase('rita');
    expect(await world.approvals.get(id)).toBeUndefined();
    expect((await world.approvals.list({ limit: 10 })).approvals.map((each) => each.approval_id)).toEqual([
      other,
    ]);
    expect(await world.records('approval.expired')).toHaveLength(1);
  });

  it('never stood readable in the store', async () => {
    await world.ask();
    const stored = JSON.stringify(await world.table.query('APPROVALS'));
    expect(stored).not.toMatch(/rita|Rita|example\.org/);
  });
});
