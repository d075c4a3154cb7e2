/** Sanctions: on record before they hold, each once, ending on time, whatever fails in between. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PERMANENT } from '../../src/decision/standing.ts';
import { endOf, termsOf } from '../../src/govern/sanctions/terms.ts';
import { ownWords } from '../../src/ledger/people/words.ts';
import { SEVERITIES } from '../../src/terms.ts';
import { bySystem, SUBJECT, sanctionsWorld } from './world.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-02-28T12:00:00Z');

describe('what a severity brings', () => {
  const bring = (basis: Parameters<typeof termsOf>[1]) =>
    SEVERITIES.map((severity) => {
      const terms = termsOf(severity, basis, NOW, 'P1Y');
      return terms && [terms.kind, (terms.until - NOW) / HOUR, terms.provisional];
    });

  it('is a provisional quarantine at most while there is only a report', () => {
    const quarantine = ['quarantine', 72, true];
    expect(bring('reported')).toEqual([undefined, quarantine, quarantine, quarantine]);
  });

  it('is what the ladder says where the system itself saw it', () => {
    expect(bring('observed')).toEqual([
      undefined,
      ['quarantine', 24, false],
      ['ban', 365 * 24, false],
      ['quarantine', 72, true],
    ]);
  });

  it('is the term of its type once it is confirmed', () => {
    expect(bring('confirmed')).toEqual([
      undefined,
      ['suspension', 24, false],
      ['ban', 365 * 24, false],
      ['ban', (PERMANENT - NOW) / HOUR, false],
    ]);
  });

  it.each([
    ['P1Y', '2027-02-28T12:00:00.000Z'],
    ['P13M', '2027-03-28T12:00:00.000Z'],
    ['P2W', '2026-03-14T12:00:00.000Z'],
    ['P30D', '2026-03-30T12:00:00.000Z'],
  ])('%s from the end of February ends %s', (term, end) => {
    expect(new Date(endOf(term, NOW)).toISOString()).toBe(end);
  });

  it.each(['permanent', '1 year', ''])('%s does not end', (term) => {
    expect(endOf(term, NOW)).toBe(PERMANENT);
  });
});

const order = (case_id: string) => ({
  subject: SUBJECT,
  case_id,
  severity: 'BAN' as const,
  why: 'five attempts within a minute',
});

describe('a sanction', () => {
  it('is on record before it holds, and holds at once', async () => {
    const { sanctions, caseOf, records, holding } = await sanctionsWorld();
    const case_id = caseOf({ term: 'P1Y' });
    expect(await holding()).toEqual([]);
    const sanction = await sanctions.apply(order(case_id), bySystem);
    expect(sanction).toMatchObject({ kind: 'ban', status: 'active', case_id, subject: SUBJECT });
    expect(await holding()).toEqual(['ban']);
    const [record] = await records('sanction.applied');
    expect(record?.data).toMatchObject({ kind: 'ban', severity: 'BAN', case_id, why: order('').why });
    expect(sanction?.record).toBe(`${record?.lane}.${record?.seq}`);
  });

  it('is applied once for a case and severity, however often and by however many at once', async () => {
    const { open, caseOf, records, holding } = await sanctionsWorld();
    const case_id = caseOf();
    const all = await Promise.all([1, 2, 3, 4].map(() => open().apply(order(case_id), bySystem)));
    await open().apply(order(case_id), bySystem);
    expect(new Set(all.map((sanction) => sanction?.sanction_id)).size).toBe(1);
    expect(await records('sanction.applied')).toHaveLength(1);
    expect(await holding()).toEqual(['ban']);
  });

  it('of one case, lifted, leaves what another case put there', async () => {
    const { sanctions, caseOf, holding } = await sanctionsWorld();
    const [first, second] = [caseOf({ term: 'P1Y' }), caseOf({ term: 'P2Y' })];
    const one = await sanctions.apply(order(first), bySystem);
    const other = await sanctions.apply(order(second), bySystem);
    await sanctions.lift(other?.sanction_id ?? '', ownWords('it was somebody else'), bySystem);
    expect(await holding()).toEqual(['ban']);
    await sanctions.lift(one?.sanction_id ?? '', ownWords('it was somebody else'), bySystem);
    expect(await holding()).toEqual([]);
  });

  it('that was lifted is not applied again, and one that was rolled back is', async () => {
    const { sanctions, caseOf, records, holding } = await sanctionsWorld();
    const case_id = caseOf();
    const { sanction_id = '' } = (await sanctions.apply(order(case_id), bySystem)) ?? {};
    await sanctions.lift(sanction_id, ownWords('the action failed'), bySystem, true);
    expect(await holding()).toEqual([]);
    expect((await sanctions.apply(order(case_id), bySystem))?.status).toBe('active');
    expect(await holding()).toEqual(['ban']);
    await sanctions.lift(sanction_id, ownWords('the committee thought better'), bySystem);
    await sanctions.lift(sanction_id, ownWords('the committee thought better'), bySystem);
    expect((await sanctions.apply(order(case_id), bySystem))?.status).toBe('lifted');
    expect(await holding()).toEqual([]);
    expect(await records('sanction.lifted')).toHaveLength(2);
  });

  it('ends exactly on time, and its end is put on record by itself, once', async () => {
    const { sanctions, caseOf, ledger, records, holding } = await sanctionsWorld();
    const case_id = caseOf({ severity: 'SUSPENSION' });
    const sanction = await sanctions.apply({ ...order(case_id), severity: 'SUSPENSION' }, bySystem);
    const until = sanction?.until ?? 0;
    ledger.time.now = until - 1;
    expect([await sanctions.sweep(), await holding()]).toEqual([0, ['quarantine']]);
    ledger.time.now = until;
    // The standing says when it ends: nobody waits for a sweep.
    expect(await holding()).toEqual([]);
    const [listed] = (await sanctions.list({ limit: 10, status: 'expired' })).sanctions;
    expect(listed?.sanction_id).toBe(sanction?.sanction_id);
    expect([await sanctions.sweep(), await sanctions.sweep()]).toEqual([1, 0]);
    const [record] = await records('sanction.expired');
    expect(record?.data).toMatchObject({ case_id, kind: 'quarantine', until: new Date(until).toISOString() });
  });
});

describe('a sanction that the case gives no reason for', () => {
  it.each([
    ['ban on a report alone', { basis: 'reported' as const }, { kind: 'ban' as const }, 'ban_unconfirmed'],
    ['severity above the case', { severity: 'SUSPENSION' as const }, {}, 'beyond_the_case'],
    ['case that was dismissed', { open: false }, {}, 'case_closed'],
  ])('%s is refused', async (_, grounds, more, code) => {
    const { sanctions, caseOf, records, holding } = await sanctionsWorld();
    await expect(sanctions.apply({ ...order(caseOf(grounds)), ...more }, bySystem)).rejects.toMatchObject({
      code: 'CONFLICT',
      reasons: [{ code }],
    });
    expect([await holding(), await records('sanction.applied')]).toEqual([[], []]);
  });

  it('accuses somebody else, or is no case: refused', async () => {
    const { sanctions, caseOf } = await sanctionsWorld();
    const other = { ...order(caseOf()), subject: 'f'.repeat(64) };
    await expect(sanctions.apply(other, bySystem)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(sanctions.apply(order('vio_none'), bySystem)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('whatever is asked for, in whatever order', () => {
  const ask = fc.record({
    severity: fc.constantFrom(...SEVERITIES),
    kind: fc.option(fc.constantFrom('quarantine' as const, 'suspension' as const, 'ban' as const), {
      nil: undefined,
    }),
    basis: fc.constantFrom('reported' as const, 'observed' as const, 'confirmed' as const),
    reaches: fc.constantFrom(...SEVERITIES),
    after: fc.constantFrom('keep', 'lift', 'roll back'),
  });

  it('nobody is banned but on a finding, or on what the system itself saw to be worth it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ask, { minLength: 1, maxLength: 12 }), async (asks) => {
        const { sanctions, cases, caseOf, records } = await sanctionsWorld();
        const case_id = caseOf();
        for (const { severity, kind, basis, reaches, after } of asks) {
          cases.set(case_id, { basis, severity: reaches, open: true, round: 0 });
          const asked = { ...order(case_id), severity, ...(kind === undefined ? {} : { kind }) };
          const before = (await records('sanction.applied')).length;
          const given = await sanctions.apply(asked, bySystem).catch(() => undefined);
          for (const { data } of (await records('sanction.applied')).slice(before))
            if (data.kind === 'ban') {
              const worth = SEVERITIES.indexOf(reaches) >= SEVERITIES.indexOf('BAN');
              expect(worth && (basis === 'confirmed' || (basis === 'observed' && severity === 'BAN'))).toBe(
                true,
              );
            }
          if (given !== undefined && after !== 'keep')
            await sanctions.lift(given.sanction_id, ownWords('as asked'), bySystem, after === 'roll back');
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('a process that dies between the record and the state', () => {
  const WRITES = [
    ['put', 0],
    ['put', 1],
    ['put', 2],
    ['merge', 0],
    ['remove', 0],
  ] as const;

  it.each(
    WRITES.flatMap(([operation, skip]) =>
      (['before', 'after'] as const).map((how) => [operation, skip, how] as const),
    ),
  )(
    'at %s number %i, failing %s it was stored, leaves one record and one sanction once it is asked again',
    async (operation, skip, how) => {
      const { open, sanctions, state, ledger, caseOf, records, holding } = await sanctionsWorld();
      const case_id = caseOf();
      state.fail(operation, how, { skip });
      await sanctions.apply(order(case_id), bySystem).catch(() => undefined);
      ledger.time.now += 31_000;
      expect(await open().apply(order(case_id), bySystem)).toMatchObject({ status: 'active' });
      expect(await holding()).toEqual(['ban']);
      expect(await records('sanction.applied')).toHaveLength(1);
    },
  );

  it.each(['before', 'after'] as const)('with a record that failed %s it was written: one', async (how) => {
    const { open, sanctions, caseOf, records, holding, failAppend } = await sanctionsWorld();
    const case_id = caseOf();
    failAppend(how);
    await expect(sanctions.apply(order(case_id), bySystem)).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
    // Whoever asks next need not wait for the lease of one that said that it failed.
    expect(await open().apply(order(case_id), bySystem)).toMatchObject({ status: 'active' });
    expect([await holding(), (await records('sanction.applied')).length]).toEqual([['ban'], 1]);
  });

  it.each(['before', 'after'] as const)('while lifting, failing %s: lifted once', async (how) => {
    const { open, sanctions, caseOf, records, holding, failAppend } = await sanctionsWorld();
    const { sanction_id = '' } = (await sanctions.apply(order(caseOf()), bySystem)) ?? {};
    failAppend(how);
    await expect(sanctions.lift(sanction_id, ownWords('it was a mistake'), bySystem)).rejects.toThrow();
    expect(await open().lift(sanction_id, ownWords('it was a mistake'), bySystem)).toMatchObject({
      status: 'lifted',
    });
    expect([await holding(), (await records('sanction.lifted')).length]).toEqual([[], 1]);
  });
});
