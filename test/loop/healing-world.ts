/** The loop over a real ledger, real sanctions and a store that can fail, with cases as a test gives them. */

import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { createIds } from '../../src/basics/ids.ts';
import { sanctionsOf, standingKey } from '../../src/decision/standing.ts';
import { createSanctions, type Grounds } from '../../src/govern/sanctions/sanctions.ts';
import { createTurns } from '../../src/govern/turns.ts';
import { createJustifier } from '../../src/ledger/justified.ts';
import { allEntries } from '../../src/ledger/reader.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { createExecutor } from '../../src/loop/execute.ts';
import { createKnowledge } from '../../src/loop/knowledge.ts';
import { CYCLE_MS, createLoop } from '../../src/loop/loop.ts';
import type { HealingSettings } from '../../src/loop/plan.ts';
import type { Seen } from '../../src/loop/seen.ts';
import type { Meter } from '../../src/ports.ts';
import type { Severity } from '../../src/terms.ts';
import { charterWith } from '../charter/world.ts';
import { ORIGIN, seeded, TRACE, testLedger } from '../ledger/support.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { recordsSince } from '../support/records-since.ts';
import { HEALING } from './world.ts';

const MUTE: Meter = { count: () => {}, observe: () => {}, set: () => {} };

export async function healingWorld(settings: Partial<HealingSettings> = {}) {
  const ledger = testLedger();
  const state = new FaultyTable(openSqliteTable(':memory:'));
  const clock = () => ledger.time.now;
  const ids = createIds(clock, seeded('healing'));
  const lane = await ledger.lane();
  const cases = new Map<string, Grounds & { readonly accused: string }>();
  const charter = charterWith();
  const documents = {
    ...charter.documents,
    'remediation.yaml': {
      ...charter.documents['remediation.yaml'],
      healing: { ...HEALING, ...settings },
    },
  };
  const asking: Seen[] = [];
  const wait = async (ms: number) => {
    ledger.time.now += ms;
    await new Promise((resolve) => setImmediate(resolve));
  };

  /** A loop in a process of its own. */
  function open() {
    const turns = createTurns({
      table: state,
      ledger: lane,
      recordsSince: recordsSince(ledger.table),
      clock,
      ids,
      wait,
    });
    const sanctions = createSanctions({
      table: state,
      turns,
      grounds: async (case_id, subject) => {
        const grounds = cases.get(case_id);
        return grounds?.accused === subject ? grounds : undefined;
      },
      clock,
    });
    const justifier = createJustifier({
      table: ledger.table,
      authorities: ledger.trust.authorities,
      origin: ORIGIN,
    });
    const executor = createExecutor({ table: state, turns, sanctions, justifier, clock, wait });
    const knowledge = createKnowledge({ table: state, clock });
    const loop = createLoop({
      table: state,
      charter: async () => ({ documents }),
      executor,
      knowledge,
      openCases: async () => asking,
      clock,
      micros: () => ledger.time.now * 1_000,
      meter: MUTE,
    });
    return { loop, executor, knowledge, sanctions };
  }

  let seq = 0;
  /** The record by which a case reaches a severity. */
  function violation(
    accused: string,
    severity: Severity,
    given: {
      readonly case_id?: string;
      readonly basis?: 'reported' | 'observed';
      readonly reporter?: string;
      readonly node?: string;
      /** By default one that nobody else goes after. */
      readonly metric?: string;
    } = {},
  ): LedgerRecord {
    const {
      case_id = ids('vio'),
      basis = 'observed',
      reporter = 'vera',
      node = `node of ${accused}`,
      metric = `metric of ${accused}`,
    } = given;
    cases.set(case_id, { accused, basis, severity, open: true } as Grounds & { accused: string });
    const about = { violation_id: case_id, accused: { by: accused, marks: [] } };
    const data =
      basis === 'observed'
        ? {
            ...about,
            metric_name: metric,
            violation: { severity, violation_type: 'silent_collection', node_or_service: node },
            case: { id: case_id, severity, change: 'opened' },
          }
        : { ...about, severity, node_or_service: node, person: { by: reporter, marks: [] } };
    return {
      v: 1,
      lane: 99,
      seq: seq++,
      prev: '0'.repeat(64),
      type: basis === 'observed' ? 'metric.blocked' : 'violation.reported',
      time: new Date(clock()).toISOString(),
      trace: TRACE,
      data,
    };
  }

  async function recorded(type = 'healing.*') {
    const found: LedgerRecord[] = [];
    for await (const { record } of allEntries(ledger.table, { type })) found.push(record);
    return found;
  }

  async function holding(subject: string) {
    const { pk, sk } = standingKey(subject);
    const sanctions = sanctionsOf((await state.get(pk, sk)) ?? { pk, sk }, clock());
    return sanctions.readable ? sanctions.active.map(({ kind }) => kind) : ['unreadable'];
  }

  return {
    ...open(),
    open,
    ledger,
    state,
    lane,
    cases,
    asking,
    violation,
    recorded,
    holding,
    /** To the next cycle. */
    turn() {
      ledger.time.now += CYCLE_MS;
    },
  };
}

/** What of each record of the loop matters to most tests. */
export const told = (records: readonly LedgerRecord[]) =>
  records.map(({ type, data }) => [type, data.status, data.action, data.severity]);
