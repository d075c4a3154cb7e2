/**
 * Who may govern together with whom: every second word there is (a vote, a release, an approval, a confirmation), by
 * everybody who could try to give it, and what a first word alone needs. Each cell is asked for over HTTP.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleWith, edited } from '../charter/world.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

let chancery: TestRuntime;
let clock = Date.now();
beforeAll(async () => {
  chancery = await startTestRuntime({}, { clock: () => clock });
});
afterAll(() => chancery.stop());

type Claims = NonNullable<Parameters<TestRuntime['token']>[0]>;
const ROLES = ['admin', 'committee_member', 'emergency_responder', 'operator'];
const JAKE: Claims = { sub: 'jake', name: 'Jake Smith', email: 'jake@example.org', roles: ROLES };
const ANN: Claims = { sub: 'ann', name: 'Ann Lee', email: 'ann@example.org', roles: ROLES };
const BEN: Claims = { sub: 'ben', name: 'Ben Ray', email: 'ben@example.org', roles: ROLES };

/** Everybody who could give the second word after Jake has asked. */
const DECIDERS = {
  'the same person': JAKE,
  'the same person with another account and the same e-mail': {
    sub: 'j2',
    name: 'Jay Two',
    email: 'JAKE@Example.ORG',
    roles: ROLES,
  },
  'the same person with another account and the same name': {
    sub: 'j3',
    name: ' jake  SMITH',
    email: 'j3@example.org',
    roles: ROLES,
  },
  'a look-alike of that name': { sub: 'j4', name: 'J\u0430ke Smith', email: 'j4@example.org', roles: ROLES },
  'a look-alike of that e-mail': {
    sub: 'j5',
    name: 'Jay Five',
    email: 'j\u0430ke@example.org',
    roles: ROLES,
  },
  'an account whose name is that e-mail': { sub: 'j6', name: 'jake@example.org', email: '', roles: ROLES },
  'an account whose sub is that e-mail': {
    sub: 'jake@example.org',
    name: 'Jay Seven',
    email: '',
    roles: ROLES,
  },
  'the sub in another case': { sub: 'JAKE', name: 'Jay Eight', email: 'j8@example.org', roles: ROLES },
  'an agent for another person': { ...ANN, act: ['release-agent'] },
  'an agent': { sub: 'bot', name: 'Bot', email: 'bot@example.org', kind: 'agent', roles: ROLES },
  'a service': { sub: 'svc', name: 'Service', email: 'svc@example.org', kind: 'service', roles: ROLES },
  'another person without the role': { ...ANN, roles: ['analyst'] },
  'another person': ANN,
} satisfies Record<string, Claims>;
type Decider = keyof typeof DECIDERS;

const SAME: readonly Decider[] = [
  'the same person',
  'the same person with another account and the same e-mail',
  'the same person with another account and the same name',
  'a look-alike of that name',
  'a look-alike of that e-mail',
  'an account whose name is that e-mail',
  'an account whose sub is that e-mail',
  'the sub in another case',
];
const NOBODY: readonly Decider[] = ['an agent for another person', 'an agent', 'a service'];

const as = async (claims: Claims, method: string, path: string, body?: unknown) =>
  chancery.call(method, path, {
    token: await chancery.token(claims),
    ...(body === undefined ? {} : { body }),
  });
/** Status and first reason of an answer. */
const said = ({ status, body }: { status: number; body: { reasons?: { code: string }[] } }) =>
  `${status} ${body.reasons?.[0]?.code ?? 'ok'}`;

let drafts = 0;
/** A charter of Ann's or another's, drafted and replayed. */
async function drafted(by: Claims): Promise<string> {
  drafts += 1;
  const files = Object.fromEntries(
    bundleWith({ 'charter.yaml': edited('charter.yaml', 'version: ', `version: 9${drafts}`) }),
  );
  const { body } = await as(by, 'POST', '/charters', { files });
  expect(body.id, JSON.stringify(body)).toBeTypeOf('string');
  await as(by, 'POST', `/charters/${body.id}/replay`, { since: '1d' });
  return body.id;
}
const vote = (by: Claims, id: string) =>
  as(by, 'POST', `/charters/${id}/activate`, {
    acknowledge: ['allow_to_deny', 'deny_to_allow', 'allow_to_approval', 'approval_to_allow', 'reason'],
  });

interface SecondWord {
  readonly what: string;
  /** Jake asks; returns how another gives the second word. */
  readonly ask: () => Promise<(by: Claims) => ReturnType<typeof as>>;
  /** The answer when it is one and the same person, nobody, and another person. */
  readonly same: string;
  readonly nobody: string;
  readonly other: string;
  /** So that the next cell begins anew. */
  readonly clear?: () => Promise<unknown>;
}

const SECOND_WORDS: readonly SecondWord[] = [
  {
    what: 'a vote on the charter that they drafted',
    async ask() {
      const id = await drafted(JAKE);
      return (by) => vote(by, id);
    },
    same: '403 voter_is_drafter',
    nobody: '403 people_only',
    other: '202 ok',
  },
  {
    what: 'a second vote on the charter of somebody else',
    async ask() {
      const id = await drafted(BEN);
      expect(said(await vote(JAKE, id))).toBe('202 ok');
      return (by) => vote(by, id);
    },
    same: '409 already_voted',
    nobody: '403 people_only',
    other: '200 ok',
    clear: () => as(BEN, 'POST', '/charters/rollback', { reason: 'the next cell' }),
  },
  {
    what: 'a second word for a release',
    async ask() {
      await as(BEN, 'POST', '/emergency-stop', { duration: '1h' });
      expect(said(await as(JAKE, 'POST', '/emergency-release'))).toBe('202 ok');
      return (by) => as(by, 'POST', '/emergency-release');
    },
    same: '409 already_asked',
    nobody: '403 people_only',
    other: '200 ok',
    async clear() {
      await as(JAKE, 'POST', '/emergency-release');
      await as(BEN, 'POST', '/emergency-release');
    },
  },
  {
    what: 'an approval of what they asked for',
    async ask() {
      const { body } = await as(
        JAKE,
        'POST',
        '/workflows/governed/execute',
        governed({
          workflow_name: 'deploy-to-production',
          drag_mode: 'execute',
          parameters: { version: '1.4.0' },
        }),
      );
      const id = body.approval?.approval_id;
      expect(id, JSON.stringify(body)).toBeTypeOf('string');
      return (by) => as(by, 'POST', `/approvals/${id}/approve`);
    },
    same: '403 approver_is_requester',
    nobody: '403 approver_not_human',
    other: '200 ok',
  },
  {
    what: 'a second vote for an override',
    async ask() {
      const { body } = await as(JAKE, 'POST', '/overrides', {
        reason: 'risk_accepted',
        justification: 'The payment provider rotates its certificates tonight',
        workflow_name: 'deploy-to-production',
      });
      return (by) => as(by, 'POST', `/overrides/${body.override_id}/approve`);
    },
    same: '409 already_decided',
    nobody: '403 people_only',
    other: '200 ok',
  },
  {
    what: 'a confirmation of the revocation that they asked for',
    async ask() {
      const { body } = await as(JAKE, 'POST', '/revocations', {
        subject: `zed-${Math.random()}`,
        reason: 'security_incident',
      });
      return (by) => as(by, 'POST', `/revocations/${body.revocation_id}/confirm`);
    },
    same: '409 second_person_is_first',
    nobody: '403 people_only',
    other: '200 ok',
  },
];

describe.each(SECOND_WORDS)('$what', ({ ask, same, nobody, other, clear }) => {
  it.each(Object.keys(DECIDERS) as Decider[])('by %s', async (decider) => {
    const give = await ask();
    const expected = SAME.includes(decider)
      ? same
      : NOBODY.includes(decider)
        ? nobody
        : decider === 'another person'
          ? other
          : '403 scope';
    try {
      expect(said(await give(DECIDERS[decider])).replace('insufficient_scope', 'scope')).toBe(expected);
    } finally {
      await clear?.();
    }
  });
});

describe('a first word', () => {
  const WORDS: readonly (readonly [string, (by: Claims) => ReturnType<typeof as>])[] = [
    ['stops everything', (by) => as(by, 'POST', '/emergency-stop', { duration: '1h' })],
    ['asks for a release', (by) => as(by, 'POST', '/emergency-release')],
    [
      'places a hold',
      (by) => as(by, 'POST', '/ledger/holds', { subject: 'zed', reason: 'a court has asked' }),
    ],
    ['lifts a hold', (by) => as(by, 'DELETE', '/ledger/holds/hold_01ARZ3NDEKTSV4RRFFQ69G5FAV')],
    [
      'revokes somebody',
      (by) => as(by, 'POST', '/revocations', { subject: 'zed', reason: 'security_incident' }),
    ],
    ['lifts a revocation', (by) => as(by, 'DELETE', '/revocations/rev_01ARZ3NDEKTSV4RRFFQ69G5FAV')],
    [
      'starts an override',
      (by) =>
        as(by, 'POST', '/overrides', {
          reason: 'risk_accepted',
          justification: 'The payment provider rotates its certificates tonight',
          workflow_name: 'data-export',
        }),
    ],
    [
      'ends an override',
      (by) =>
        as(by, 'POST', '/overrides/ovr_01ARZ3NDEKTSV4RRFFQ69G5FAV/end', { reason: 'it is needed no more' }),
    ],
    ['renews an override', (by) => as(by, 'POST', '/overrides/ovr_01ARZ3NDEKTSV4RRFFQ69G5FAV/renew', {})],
    ['rolls a charter back', (by) => as(by, 'POST', '/charters/rollback', { reason: 'a mistake' })],
    ['votes', (by) => vote(by, 'f'.repeat(64))],
  ];
  it.each(WORDS.flatMap(([what, give]) => NOBODY.map((decider) => [what, decider, give] as const)))(
    'that %s is not for %s',
    async (_what, decider, give) => {
      expect(said(await give(DECIDERS[decider]))).toBe('403 people_only');
    },
  );

  it.each(WORDS)('that %s is not for a person without the scope', async (_what, give) => {
    expect(said(await give({ ...ANN, roles: ['user_basic'] })).replace('insufficient_scope', 'scope')).toBe(
      '403 scope',
    );
  });
});

describe('what a vote was cast for', () => {
  const CAT: Claims = { sub: 'cat', name: 'Cat Moor', email: 'cat@example.org', roles: ROLES };

  it('is a replay that nobody puts another in the place of', async () => {
    const id = await drafted(JAKE);
    expect(said(await vote(ANN, id))).toBe('202 ok');
    await as({ ...CAT, roles: ['developer'] }, 'POST', `/charters/${id}/replay`, { since: '1s' });
    expect((await vote(BEN, id)).body).toMatchObject({ activated: true });
    expect((await as(BEN, 'POST', '/charters/rollback', { reason: 'back' })).body.rolled_back).toBe(true);
  });

  it('ends with an activation and a rollback: both have to vote again', async () => {
    const id = await drafted(JAKE);
    expect(said(await vote(ANN, id))).toBe('202 ok');
    const other = await drafted(JAKE);
    for (const by of [BEN, CAT]) await vote(by, other);
    await as(BEN, 'POST', '/charters/rollback', { reason: 'back' });
    await as(JAKE, 'POST', `/charters/${id}/replay`, { since: '1d' });
    expect((await vote(BEN, id)).body).toMatchObject({ activated: false, votes: 1 });
  });

  it('does not last longer than 72 hours', async () => {
    const id = await drafted(JAKE);
    await vote(ANN, id);
    clock += 72 * 3_600_000;
    expect((await vote(BEN, id)).body).toMatchObject({ activated: false, votes: 1 });
  });

  it('does not come back with a rollback, which goes back once and never forward', async () => {
    const first = await drafted(JAKE);
    for (const by of [ANN, BEN]) await vote(by, first);
    const back = await as(BEN, 'POST', '/charters/rollback', { reason: 'back' });
    expect(back.body.rolled_back).toBe(true);
    const again = await as(ANN, 'POST', '/charters/rollback', { reason: 'again' });
    expect(again.body).toMatchObject({ rolled_back: false });
    const forward = await as(ANN, 'POST', '/charters/rollback', { reason: 'forward', to: first });
    expect(said(forward)).toBe('409 not_earlier');
  });
});
