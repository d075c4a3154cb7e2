/** Plans: within their caps, never more than a case gives reason for, and nothing that weakens governance. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EFFECTS } from '../../src/loop/actions.ts';
import { findingsIn } from '../../src/loop/patterns.ts';
import { type HealingSettings, isTouching, needOfCase, needOfPattern, plan } from '../../src/loop/plan.ts';
import { SEVERITIES } from '../../src/terms.ts';
import { HEALING, seen } from './world.ts';

const basis = fc.constantFrom('reported', 'observed', 'confirmed' as const);
const anySeen = fc
  .record({
    severity: fc.constantFrom(...SEVERITIES),
    basis,
    accused: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    case_id: fc.integer({ min: 1, max: 40 }).map((each) => `vio_${each}`),
    node: fc.constantFrom('n1', 'n2', 'n3', 'n4'),
    metric: fc.constantFrom('user_location', 'browsing_history'),
    at: fc.integer({ min: 0, max: 60_000 }),
  })
  .map((given) => seen({ ...given, reporter: given.basis === 'reported' ? 'vera' : '' }));
const settings = fc
  .record({
    confidence_floor: fc.double({ min: 0, max: 1, noNaN: true }),
    max_plans: fc.integer({ min: 1, max: 20 }),
    blast_radius: fc.integer({ min: 1, max: 6 }),
  })
  .map((changes): HealingSettings => ({ ...HEALING, ...changes }));
const needs = fc.array(anySeen, { maxLength: 60 }).map((all) => {
  const patterns = findingsIn('node', 'n1', all, 60_000);
  const escalated = needOfPattern(patterns);
  return [...all.map((each) => needOfCase(each)), ...(escalated === undefined ? [] : [escalated])];
});

describe('any plans of one cycle', () => {
  it('touch no more subjects than the blast radius, and are no more than the cap', () => {
    fc.assert(
      fc.property(needs, settings, fc.integer({ min: 0, max: 6 }), (all, given, free) => {
        const { chosen } = plan(all, given, free);
        const touched = new Set(chosen.filter(isTouching).map(({ subject }) => subject));
        expect(touched.size).toBeLessThanOrEqual(Math.min(given.blast_radius, free));
        expect(touched.has('')).toBe(false);
        expect(chosen.length).toBeLessThanOrEqual(given.max_plans);
      }),
    );
  });

  it('have the confidence that the charter asks for, and lose nothing: what is not chosen is held', () => {
    fc.assert(
      fc.property(needs, settings, (all, given) => {
        const { chosen, held } = plan(all, given, given.blast_radius);
        for (const { confidence } of chosen)
          expect(confidence).toBeGreaterThanOrEqual(given.confidence_floor);
        expect(chosen.length + held.length).toBe(all.length);
      }),
    );
  });

  it('do one of four things, and the charter’s at that severity: none of them lifts, grants or changes a rule', () => {
    fc.assert(
      fc.property(needs, settings, (all, given) => {
        for (const { action, cause, severity } of plan(all, given, given.blast_radius).chosen) {
          expect(Object.keys(EFFECTS)).toContain(action);
          expect(action).toBe(cause.kind === 'pattern' ? 'escalate_to_committee' : given.actions[severity]);
        }
      }),
    );
  });

  it('remove nobody on reports alone, however many reports one reporter makes', () => {
    fc.assert(
      fc.property(fc.array(anySeen, { maxLength: 60 }), settings, (all, given) => {
        const reports = all.map((each) =>
          needOfCase({ ...each, basis: 'reported', reporter: 'vera', metric: 'user_location' }),
        );
        for (const { action } of plan(reports, given, given.blast_radius).chosen)
          expect(['log_and_monitor', 'quarantine_network']).toContain(action);
      }),
    );
  });

  it('are done in the order of their worth', () => {
    fc.assert(
      fc.property(needs, settings, (all, given) => {
        const worths = plan(all, given, given.blast_radius).chosen.map(({ worth }) => worth);
        expect(worths).toEqual([...worths].sort((a, b) => b - a));
      }),
    );
  });
});

describe('what a case asks for', () => {
  const asked = (given: Parameters<typeof seen>[0], further = 0) =>
    plan([needOfCase(seen({ accused: 'a', ...given }), further)], HEALING, 5);

  it.each([
    ['WARNING', 'observed', 'log_and_monitor', 'WARNING'],
    ['SUSPENSION', 'observed', 'quarantine_network', 'SUSPENSION'],
    ['BAN', 'observed', 'remove_from_cluster', 'BAN'],
    ['CRIMINAL', 'observed', 'escalate_to_committee', 'CRIMINAL'],
    ['BAN', 'confirmed', 'remove_from_cluster', 'BAN'],
    ['SUSPENSION', 'reported', 'quarantine_network', 'SUSPENSION'],
    ['BAN', 'reported', 'quarantine_network', 'SUSPENSION'],
    ['CRIMINAL', 'reported', 'quarantine_network', 'SUSPENSION'],
  ] as const)('%s, %s: %s', (severity, basis, action, as) => {
    expect(asked({ severity, basis: basis }).chosen).toMatchObject([{ action, severity: as }]);
  });

  it('is left to people where one reporter reports much', () => {
    const word = { severity: 'BAN', basis: 'reported', reporter: 'vera' } as const;
    expect(asked(word).chosen).toHaveLength(1);
    expect(asked(word, 1)).toMatchObject({ chosen: [], held: [{ because: 'below_confidence_floor' }] });
  });

  it('is nothing while nobody knows whom it would touch', () => {
    expect(asked({ severity: 'BAN', accused: '' })).toMatchObject({ held: [{ because: 'nobody' }] });
    expect(asked({ severity: 'WARNING', accused: '' }).chosen).toHaveLength(1);
  });
});

describe('what a pattern asks for', () => {
  const crowd = ['a', 'b', 'c'].map((node, at) =>
    seen({ node, at, case_id: `vio_${node}`, severity: 'WARNING' }),
  );

  it('is the committee, where three sources go after one metric; it puts nobody under anything', () => {
    const need = needOfPattern(findingsIn('metric', 'user_location', crowd, 10));
    expect(need).toMatchObject({ severity: 'SUSPENSION', subject: '', nodes: ['a', 'b', 'c'] });
    const { chosen } = plan(need === undefined ? [] : [need], HEALING, 0);
    expect(chosen).toMatchObject([{ action: 'escalate_to_committee' }]);
    expect(chosen.filter(isTouching)).toEqual([]);
  });

  it('is nothing where the node’s one case says it all', () => {
    const one = [0, 1, 2].map((at) => seen({ at, case_id: 'vio_1', severity: 'WARNING' }));
    expect(needOfPattern(findingsIn('node', 'n', one, 10))).toBeUndefined();
  });

  it('is asked once in its window, and again in the next', () => {
    const id = (shift: number) =>
      needOfPattern(
        findingsIn(
          'metric',
          'user_location',
          crowd.map((each) => ({ ...each, at: each.at + shift })),
          shift + 10,
        ),
      )?.id;
    expect(id(1_000)).toBe(id(0));
    expect(id(300_000)).not.toBe(id(0));
  });
});
