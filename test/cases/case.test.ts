/** The states of a case, every pair of state and step, and who may take one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attributesOf,
  CASE_STATES,
  CASE_STEPS,
  type Case,
  type CaseState,
  type CaseStep,
  caseAfter,
  caseOf,
  isOpen,
} from '../../src/govern/cases/case.ts';
import {
  illegal,
  isParty,
  objectionToAppeal,
  objectionToFinding,
  quorumFor,
  standingIn,
} from '../../src/govern/cases/hearing.ts';
import { repeatTerms } from '../../src/govern/cases/repeats.ts';
import type { Written } from '../../src/govern/turns.ts';
import type { Marked } from '../../src/identity/person.ts';
import type { JsonObject } from '../../src/json.ts';

const ID = 'vio_01KAG0000000000000000000AA';
const someone = (name: string): Marked => ({ by: name, marks: [`name ${name}`] });
const [VERA, NODE, ANN, BEN] = ['vera', 'node-17', 'ann', 'ben'].map(someone) as [
  Marked,
  Marked,
  Marked,
  Marked,
];

let seq = 0;
const record = (type: string, data: JsonObject): Written => ({
  id: `1.${++seq}`,
  hash: 'f'.repeat(64),
  type,
  time: new Date(Date.parse('2026-11-21T07:00:00Z') + seq).toISOString(),
  trace: 'a'.repeat(32),
  data: { violation_id: ID, ...data },
});

function reported(severity = 'BAN'): Case {
  const written = record('violation.reported', {
    violation_type: 'silent_collection',
    node_or_service: 'node-17',
    severity,
    case: { id: ID, severity, change: 'opened' },
    accused: { ...NODE },
    person: { ...VERA },
  });
  const kase = caseAfter(undefined, written);
  if (kase === undefined) throw new Error('no case');
  return kase;
}

const TYPES: Record<CaseStep, string> = {
  confirm: 'violation.confirmed',
  dismiss: 'violation.dismissed',
  appeal: 'violation.appealed',
  restore: 'violation.restored',
};
const stepped = (kase: Case, step: CaseStep, by: Marked, data: JsonObject = {}): Case =>
  caseAfter(
    kase,
    record(TYPES[step], { person: { ...by }, case: { id: ID, severity: kase.severity }, ...data }),
  ) ?? kase;

const inState = (status: CaseState): Case => ({ ...reported(), status });

describe('a step of a case', () => {
  const LEGAL = [
    'investigating confirm confirmed',
    'investigating dismiss dismissed',
    'confirmed appeal appealed',
    'dismissed appeal appealed',
    'appealed confirm confirmed',
    'appealed dismiss dismissed',
    'appealed restore restored',
  ];
  const PAIRS = CASE_STATES.flatMap((state) => CASE_STEPS.map((step) => [state, step] as const));

  it.each(PAIRS)('from %s, %s', (state, step) => {
    const legal = LEGAL.find((each) => each.startsWith(`${state} ${step} `));
    const refused = illegal(inState(state), step);
    if (legal === undefined) expect(refused?.code).toBe('illegal_transition');
    else
      expect([refused, stepped(inState(state), step, ANN).status]).toEqual([undefined, legal.split(' ')[2]]);
  });

  it('is appealed before any finding by whom it accuses alone, where the system acted on what it saw', () => {
    const seen: Case = { ...reported('SUSPENSION'), origin: 'observed', reporter: { by: '', marks: [] } };
    expect(illegal(seen, 'appeal', 'accused')).toBeUndefined();
    for (const refused of [
      illegal(seen, 'appeal', 'committee'),
      illegal({ ...seen, severity: 'WARNING' }, 'appeal', 'accused'),
      illegal(reported('SUSPENSION'), 'appeal', 'accused'),
      illegal(seen, 'restore', 'accused'),
    ])
      expect(refused?.code).toBe('illegal_transition');
  });

  it('leaves a case that is kept as it is made', () => {
    let kase = reported();
    for (const step of ['confirm', 'appeal', 'restore'] as const) {
      kase = stepped(kase, step, step === 'appeal' ? NODE : step === 'confirm' ? ANN : BEN);
      expect(caseOf(ID, attributesOf(kase))).toEqual(kase);
    }
    expect(kase.events.map(({ type, by }) => [type, by])).toEqual([
      ['violation.reported', 'vera'],
      ['violation.confirmed', 'ann'],
      ['violation.appealed', 'node-17'],
      ['violation.restored', 'ben'],
    ]);
  });

  it('that is heard twice is taken once', () => {
    const written = record('violation.confirmed', { person: { ...ANN }, case: { id: ID, severity: 'BAN' } });
    const once = caseAfter(reported(), written);
    expect(caseAfter(once, written)).toEqual(once);
  });

  it('waits for a second person where it finds a crime', () => {
    expect(
      ['WARNING', 'SUSPENSION', 'BAN', 'CRIMINAL'].map((each) => quorumFor(each as Case['severity'])),
    ).toEqual([1, 1, 1, 2]);
    const voted = stepped(reported('CRIMINAL'), 'confirm', ANN, { final: false });
    expect([voted.status, voted.votes]).toEqual(['investigating', [{ ...ANN, severity: 'CRIMINAL' }]]);
    expect(objectionToFinding(voted, HUMAN, ANN)?.code).toBe('already_decided');
    expect(caseOf(ID, attributesOf(voted))).toEqual(voted);
    const final = stepped(voted, 'confirm', BEN, { final: true });
    expect([final.status, final.votes, final.found_by]).toEqual(['confirmed', [], [ANN, BEN]]);
  });

  it('takes as many to find that what stands as a crime was less, and lets who found otherwise change their mind', () => {
    expect([
      quorumFor('CRIMINAL', 'WARNING'),
      quorumFor('WARNING', 'CRIMINAL'),
      quorumFor('BAN', 'WARNING'),
    ]).toEqual([2, 2, 1]);
    const less = stepped(reported('CRIMINAL'), 'confirm', ANN, { final: false, severity: 'WARNING' });
    expect(objectionToFinding(less, HUMAN, ANN, 'WARNING')?.code).toBe('already_decided');
    expect(objectionToFinding(less, HUMAN, ANN, 'CRIMINAL')).toBeUndefined();
    expect(objectionToFinding(less, HUMAN, ANN)?.code).toBe('already_decided');
    const changed = stepped(less, 'confirm', { ...ANN, by: 'ann-2' }, { final: false, severity: 'CRIMINAL' });
    expect(changed.votes).toMatchObject([{ by: 'ann-2', severity: 'CRIMINAL' }]);
  });
});

const HUMAN = { kind: 'human', act: [] } as const;

describe('who finds on a case', () => {
  const same = (person: Marked): Marked => ({ by: 'another-account', marks: person.marks });

  it.each([
    ['the accused', NODE, 'investigator_is_accused'],
    ['the accused with another account', same(NODE), 'investigator_is_accused'],
    ['the reporter', VERA, 'investigator_is_reporter'],
    ['the reporter with another account', same(VERA), 'investigator_is_reporter'],
  ])('is not %s', (_, who, code) => {
    expect(objectionToFinding(reported(), HUMAN, who)?.code).toBe(code);
  });

  it.each([
    ['a service', { kind: 'service', act: [] }],
    ['an agent', { kind: 'agent', act: [] }],
    ['a person through an agent', { kind: 'human', act: ['bot'] }],
  ] as const)('is not %s', (_, principal) => {
    expect(objectionToFinding(reported(), principal, ANN)?.code).toBe('people_only');
  });

  it('does not hear the appeal against the finding, nor does who appealed', () => {
    const appealed = stepped(stepped(reported(), 'confirm', ANN), 'appeal', BEN);
    expect(objectionToFinding(appealed, HUMAN, same(ANN))?.code).toBe('heard_by_finder');
    expect(objectionToFinding(appealed, HUMAN, BEN)?.code).toBe('heard_by_appellant');
    expect(objectionToFinding(appealed, HUMAN, someone('cleo'))).toBeUndefined();
  });

  it('lets the accused, the reporter and the committee appeal, each once, and nobody else', () => {
    const confirmed = stepped(reported(), 'confirm', ANN);
    expect([
      standingIn(confirmed, HUMAN, same(NODE), false),
      standingIn(confirmed, HUMAN, VERA, false),
      standingIn(confirmed, HUMAN, BEN, true),
      standingIn(confirmed, HUMAN, BEN, false),
    ]).toEqual(['accused', 'reporter', 'committee', undefined]);
    const again = stepped(stepped(confirmed, 'appeal', NODE), 'confirm', BEN);
    expect(objectionToAppeal(again, HUMAN, same(NODE))?.code).toBe('appeal_spent');
    expect(objectionToAppeal(again, HUMAN, VERA)).toBeUndefined();
  });
});

describe('a service or an agent', () => {
  it('is its own account: one whose name reads alike has no part in the case', () => {
    const [one, other]: [Marked, Marked] = [
      { by: 'node-1', marks: ['name node 1'] },
      { by: 'node_1', marks: ['name node 1'] },
    ];
    for (const kind of ['service', 'agent'] as const) {
      expect(isParty(one, { kind }, other)).toBe(false);
      expect(isParty(one, { kind }, one)).toBe(true);
    }
    const kase: Case = { ...reported(), accused: one, appellants: [one] };
    expect(standingIn(kase, { kind: 'service' }, other, false)).toBeUndefined();
    expect(objectionToAppeal(kase, { kind: 'service' }, other)).toBeUndefined();
    expect(objectionToAppeal(kase, { kind: 'service' }, one)?.code).toBe('appeal_spent');
    // A person is one with whatever they are called.
    expect(standingIn(kase, HUMAN, other, false)).toBe('accused');
  });
});

describe('repeating', () => {
  it('suspends the second time, and from the third on lasts until the committee lifts it', () => {
    expect([1, 2, 3, 4].map((repeat) => repeatTerms(repeat, 0)?.kind)).toEqual([
      undefined,
      'suspension',
      'quarantine',
      'quarantine',
    ]);
    expect(repeatTerms(2, 0)?.until).toBe(24 * 3_600_000);
  });
});

describe('whatever is asked of a case, by whomever', () => {
  const PEOPLE = [VERA, NODE, ANN, BEN, someone('cleo')];
  const ask = fc.record({
    step: fc.constantFrom(...CASE_STEPS),
    who: fc.constantFrom(...PEOPLE),
    kind: fc.constantFrom('human', 'agent', 'service') as fc.Arbitrary<'human' | 'agent' | 'service'>,
  });

  it('is never found by the accused, the reporter or a machine, and is open exactly while it waits', () => {
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 20 }), (asks) => {
        let kase = reported();
        for (const { step, who, kind } of asks) {
          if (illegal(kase, step) !== undefined) continue;
          const principal = { kind, act: [] };
          const no =
            step === 'appeal'
              ? (objectionToAppeal(kase, HUMAN, who) ??
                (standingIn(kase, HUMAN, who, false) === undefined ? 'none' : undefined))
              : objectionToFinding(kase, principal, who);
          if (no !== undefined) continue;
          kase = stepped(kase, step, who);
          expect(isOpen(kase.status)).toBe(kase.status === 'investigating' || kase.status === 'appealed');
        }
        for (const { by } of kase.found_by) expect(['ann', 'ben', 'cleo']).toContain(by);
        // Nobody is heard twice, so every story of a case ends.
        expect(kase.appellants.length).toBeLessThanOrEqual(2);
      }),
    );
  });
});
