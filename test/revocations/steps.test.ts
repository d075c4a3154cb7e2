/** Revocations that are cut off at any of their steps: the sweep brings each to its end, once. */
import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { createIds } from '../../src/basics/ids.ts';
import { sanctionsOf, standingKey } from '../../src/decision/standing.ts';
import { createHolds } from '../../src/govern/holds.ts';
import { createRevocations } from '../../src/govern/revocations.ts';
import { SubjectKeys } from '../../src/ledger/people/personal.ts';
import { allEntries } from '../../src/ledger/reader.ts';
import { memoryBlobs } from '../ledger/blobs.ts';
import { note, seeded, TRACE, testLedger } from '../ledger/support.ts';
import { FaultyTable, type Operation } from '../support/faulty-table.ts';
import { person, pseudonym } from '../support/person.ts';

async function world() {
  const keys = new FaultyTable(openSqliteTable(':memory:', { erasing: true }));
  const ledger = testLedger({ keys });
  const state = new FaultyTable(openSqliteTable(':memory:'));
  const [clock, random] = [() => ledger.time.now, seeded('revocations')];
  const ids = createIds(clock, random);
  const lane = await ledger.lane();
  const subjects = new SubjectKeys({ table: keys, clock, random });
  const documents = memoryBlobs();
  const revocations = createRevocations({
    table: state,
    ledger: lane,
    subjects,
    documents,
    holds: createHolds({ table: state, ledger: lane, clock, ids }),
    openCase: async () => undefined,
    withdraw: async () => 0,
    pseudonym,
    async *recordsOf(subject) {
      for await (const { record, record_hash } of allEntries(ledger.table, { subject }))
        yield { record, hash: record_hash };
    },
    clock,
    ids,
    random,
    log: { write: () => {} },
  });
  await lane.append(note('personal', { who: person('ann'), personal: { name: 'Ann Plain' } }));
  const ask = () =>
    revocations.request(
      {
        who: person('ann'),
        reason: 'user_request',
        by: { by: pseudonym(person('ann')), marks: [] },
        own: true,
      },
      (type, data) => ({ type, trace: TRACE, data }),
    );
  const typed = async (type: string) => {
    const found = [];
    for await (const { record } of allEntries(ledger.table, { type })) found.push(record);
    return found;
  };
  const access = async () => {
    const { pk, sk } = standingKey(pseudonym(person('ann')));
    const sanctions = sanctionsOf(await state.get(pk, sk), clock());
    return sanctions.readable && sanctions.active.map(({ kind }) => kind);
  };
  return { ledger, keys, state, documents, revocations, subjects, ask, typed, access };
}

/** Writes on the state, after the one before it: stopping access again, `exported`, `erased`. */
const STEPS: readonly (readonly [Operation, number])[] = [
  ['merge', 1],
  ['put', 1],
  ['put', 2],
];
const FAULTS = STEPS.flatMap(([operation, skip]) =>
  (['before', 'after'] as const).map((fault) => ({ operation, skip, fault })),
);

describe('a revocation that is cut off', () => {
  it.each(FAULTS)(
    'ends with the sweep when $operation number $skip fails $fault it was stored',
    async ({ operation, skip, fault }) => {
      const { ledger, state, revocations, ask, typed, access } = await world();
      state.fail(operation, fault, { skip });
      const asked = await ask();
      expect(await access()).toEqual(['revocation']);
      ledger.time.now += 61_000;
      await revocations.sweep();
      const view = await revocations.get(asked.revocation_id);
      expect(view).toMatchObject({ status: 'erased', export: { status: 'available' } });
      const [record] = await typed('revocation.erased');
      expect(record?.data.keys).toHaveLength(1);
      // Nothing is done twice once it is done.
      const before = (await typed('revocation.erased')).length;
      ledger.time.now += 61_000;
      await revocations.sweep();
      expect(await typed('revocation.erased')).toHaveLength(before);
    },
  );

  it('asks the caller again when not even the request could be put on record', async () => {
    const { state, ask, typed, access } = await world();
    state.fail('put', 'before');
    await expect(ask()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await access()).toEqual(false);
    expect(await ask()).toMatchObject({ status: 'erased' });
    expect(await typed('revocation.requested')).toHaveLength(2);
  });

  it('does not say that keys are gone that are not', async () => {
    const { ledger, keys, revocations, ask, typed } = await world();
    // The first put makes the key of the export, the second would overwrite the person's.
    keys.fail('put', 'before', { skip: 1 });
    const asked = await ask();
    expect([asked.status, await typed('revocation.erased')]).toEqual(['exported', []]);
    ledger.time.now += 61_000;
    await revocations.sweep();
    expect(await revocations.get(asked.revocation_id)).toMatchObject({ status: 'erased' });
  });
});
