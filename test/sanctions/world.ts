/** Sanctions over a real ledger and a store that can fail, with cases as a test gives them. */

import { setImmediate } from 'node:timers/promises';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { createIds } from '../../src/basics/ids.ts';
import { sanctionsOf, standingKey } from '../../src/decision/standing.ts';
import { ChanceryError } from '../../src/errors.ts';
import { createSanctions, type Grounds, type SanctionRecord } from '../../src/govern/sanctions/sanctions.ts';
import { createTurns } from '../../src/govern/turns.ts';
import { allEntries } from '../../src/ledger/reader.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import { seeded, TRACE, testLedger } from '../ledger/support.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { person, pseudonym } from '../support/person.ts';
import { recordsSince } from '../support/records-since.ts';

export const SUBJECT = pseudonym(person('collector-7'));
export const bySystem: SanctionRecord = (type, data) => ({ type, trace: TRACE, data });

export async function sanctionsWorld() {
  const ledger = testLedger();
  const state = new FaultyTable(openSqliteTable(':memory:'));
  const clock = () => ledger.time.now;
  const ids = createIds(clock, seeded('sanctions'));
  const lane = await ledger.lane();
  /** The next record is not appended, or is and nobody hears of it. */
  let fault: 'before' | 'after' | undefined;
  const append: Ledger['append'] = async (record) => {
    const failing = fault;
    fault = undefined;
    if (failing === 'before') throw new ChanceryError('LEDGER_UNAVAILABLE', 'not written');
    const receipt = await lane.append(record);
    if (failing === 'after') throw new ChanceryError('LEDGER_UNAVAILABLE', 'no answer');
    return receipt;
  };
  const cases = new Map<string, Grounds>();
  const open = () =>
    createSanctions({
      table: state,
      turns: createTurns({
        table: state,
        ledger: { append },
        recordsSince: recordsSince(ledger.table),
        clock,
        ids,
        wait: async (ms) => {
          ledger.time.now += ms;
          await setImmediate();
        },
      }),
      grounds: async (case_id, subject) => (subject === SUBJECT ? cases.get(case_id) : undefined),
      clock,
    });
  const caseOf = (grounds: Partial<Grounds> = {}): string => {
    const id = ids('vio');
    cases.set(id, { basis: 'observed', severity: 'BAN', open: true, round: 0, ...grounds });
    return id;
  };
  const records = async (type: string) => {
    const found = [];
    for await (const { record } of allEntries(ledger.table, { type })) found.push(record);
    return found;
  };
  const holding = async () => {
    const { pk, sk } = standingKey(SUBJECT);
    const sanctions = sanctionsOf((await state.get(pk, sk)) ?? { pk, sk }, clock());
    return sanctions.readable ? sanctions.active.map(({ kind }) => kind) : ['unreadable'];
  };
  return {
    ledger,
    state,
    clock,
    cases,
    caseOf,
    records,
    holding,
    open,
    failAppend(how: 'before' | 'after') {
      fault = how;
    },
    sanctions: open(),
  };
}
