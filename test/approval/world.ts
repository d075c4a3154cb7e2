/** An approvals desk over a real store and a real ledger, with people, time, and faults to inject. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderBlobs } from '../../adapters/local/folder-blobs.ts';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import type { Caller } from '../../src/decision/question.ts';
import {
  type ApprovalAsked,
  type Approvals,
  createApprovals,
  type GrantedApproval,
  type Ran,
} from '../../src/govern/approvals/approvals.ts';
import { markedAs } from '../../src/identity/person.ts';
import type { JsonObject } from '../../src/json.ts';
import { createVault } from '../../src/ledger/people/vault.ts';
import { allEntries } from '../../src/ledger/reader.ts';
import type { Ledger, LedgerRecord, NewRecord, Receipt } from '../../src/ledger/record.ts';
import type { Decision, Principal } from '../../src/terms.ts';
import { TRACE, testLedger } from '../ledger/support.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { issuers, pseudonym } from '../support/person.ts';

export function person(sub: string, changes: Partial<Principal> = {}): Caller {
  const principal: Principal = {
    sub,
    issuer: 'https://issuer.example',
    kind: 'human',
    actor_type: 'human_user',
    name: `${sub} Example`,
    email: `${sub}@example.org`,
    roles: [],
    scopes: ['approvals:decide'],
    act: [],
    fresh_mfa: false,
    expires_at: 0,
    ...changes,
  };
  return { principal, trace: TRACE, seen: {} };
}

/** A ledger that fails the next append, before or after it was stored. */
export class FaultyLedger implements Ledger {
  fault: { when: 'before' | 'after'; skip: number } | undefined;
  readonly #inner: Ledger;

  constructor(inner: Ledger) {
    this.#inner = inner;
  }

  async append(record: NewRecord): Promise<Receipt> {
    const { fault } = this;
    if (fault === undefined) return this.#inner.append(record);
    if (fault.skip > 0) {
      fault.skip -= 1;
      return this.#inner.append(record);
    }
    this.fault = undefined;
    if (fault.when === 'after') await this.#inner.append(record);
    throw new Error(`the ledger failed ${fault.when} it stored`);
  }
}

export const body = (actor: JsonObject = { name: 'Rita Requester' }): JsonObject => ({
  workflow_name: 'deploy-to-production',
  drag_mode: 'execute',
  aim: { actor },
  parameters: { version: 'v1' },
});

const PRODUCTION: ApprovalAsked['question'] = {
  resource: { type: 'workflow', id: 'deploy-to-production' },
  drag_mode: 'execute',
  workflow: {
    name: 'deploy-to-production',
    risk_level: 5,
    data_classes: [],
    sensitivity: 'critical',
    effects: true,
    modes: ['execute'],
  },
};
const QUORUM_OF_TWO: Decision['approval'] = { quorum: 2, priority: 'critical' };

export interface World {
  readonly approvals: Approvals;
  readonly table: FaultyTable;
  readonly ledger: FaultyLedger;
  readonly time: { now: number };
  readonly runs: GrantedApproval[];
  readonly logged: string[];
  /** When the run fails: before it recorded anything, or after. */
  failRun: 'before' | 'after' | undefined;
  /** What the run comes to, when it is not just started. */
  answer: Ran | undefined;
  erase(sub: string): Promise<unknown>;
  ask(options?: {
    question?: ApprovalAsked['question'];
    approval?: Decision['approval'];
    requester?: Caller;
    body?: JsonObject;
  }): Promise<string>;
  records(type?: string): Promise<LedgerRecord[]>;
}

export async function openWorld(): Promise<World> {
  const documents = await openFolderBlobs(mkdtempSync(join(tmpdir(), 'chancery-approvals-')));
  const table = new FaultyTable(openSqliteTable(':memory:'));
  const test = testLedger();
  const ledger = new FaultyLedger(await test.lane());
  const { ids, clock, random } = test.deps;
  const world: World = {
    table,
    ledger,
    time: test.time,
    runs: [],
    logged: [],
    failRun: undefined,
    answer: undefined,
    erase: (sub) => test.subjects.erase(pseudonym(person(sub).principal)),
    async ask(options = {}) {
      const { requester = person('rita'), body: given = body(), question = PRODUCTION } = options;
      const approval = 'approval' in options ? options.approval : QUORUM_OF_TWO;
      const approval_id = ids('apr');
      await world.approvals.request({
        approval_id,
        caller: requester,
        body: given,
        question,
        weighed: {
          decision_id: ids('dec'),
          action_digest: 'd'.repeat(64),
          decision: {
            ...(approval ? { approval } : {}),
            charter: { version: '1.0.0', digest: 'c'.repeat(64) },
          },
          record: { data: { risk_level: 5 } },
        },
        after: 'f'.repeat(64),
      });
      return approval_id;
    },
    async records(type) {
      const records: LedgerRecord[] = [];
      for await (const { record } of allEntries(test.table, type === undefined ? {} : { type }))
        records.push(record);
      return records;
    },
    approvals: createApprovals({
      table,
      ledger,
      vault: createVault({ subjects: test.subjects, pseudonym, home: issuers.home, random, ids, documents }),
      clock,
      ids,
      pseudonym,
      marked: (principal) =>
        markedAs(principal, pseudonym(principal), (sub) => pseudonym({ issuer: 'urn:handles', sub })),
      log: { write: (_, __, message) => void world.logged.push(message) },
      async *recordsSince(ms) {
        for await (const entry of allEntries(test.table, { from: new Date(ms).toISOString() }))
          yield { id: entry.id, record: entry.record, hash: entry.record_hash };
      },
      async run(granted) {
        const { failRun } = world;
        world.failRun = undefined;
        if (failRun === 'before') throw new Error('the runner died');
        world.runs.push(granted);
        if (world.answer !== undefined) return world.answer;
        const execution_id = ids('exe');
        const data = { outcome: 'allow', approval_id: granted.approval_id, execution_id };
        await ledger.append({ type: 'decision.made', trace: TRACE, after: granted.record_hash, data });
        if (failRun === 'after') throw new Error('the runner died');
        return { kind: 'started', execution_id };
      },
    }),
  };
  return world;
}
