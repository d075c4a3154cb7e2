/**
 * Reports of people who must not be known. Nothing is taken of who reports: no token, no address, no agent, no trace.
 * What they say is sealed under a key of the report's own, which only the committee's routes open; whoever reported
 * keeps a code, of which we keep a digest, and reads the answer with it.
 */
import { createHash } from 'node:crypto';
import { ChanceryError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Justifier } from '../ledger/justified.ts';
import { type SubjectKeys, sealPersonal } from '../ledger/people/personal.ts';
import type { Ledger, NewRecord, Sealed } from '../ledger/record.ts';
import type { Clock, Item, Random, Table } from '../ports.ts';

export interface WhistleblowerDeps {
  readonly table: Table;
  readonly ledger: Ledger;
  readonly subjects: SubjectKeys;
  readonly justifier: Pick<Justifier, 'read'>;
  readonly clock: Clock;
  readonly random: Random;
}

export type ReportView = {
  readonly report_id: string;
  readonly status: 'open' | 'answered';
  readonly received_at: string;
  readonly answer_by: string;
  readonly overdue: boolean;
  readonly answered_at?: string;
};

export interface Whistleblower {
  /** Throws RATE_LIMITED when more than the limit of all together came within the hour. */
  receive(report: JsonObject): Promise<{ readonly report: ReportView; readonly code: string }>;
  /** What became of a report, for whoever has its code. Undefined: no report has it. */
  answerFor(code: string): Promise<(ReportView & { readonly answer?: string }) | undefined>;
  /** Newest first. */
  list(): Promise<readonly ReportView[]>;
  /** With what it says, for the committee. */
  read(
    id: string,
  ): Promise<(ReportView & { readonly report?: JsonObject; readonly answer?: string }) | undefined>;
  /** Undefined: no such report. Throws CONFLICT when it is answered. */
  answer(
    id: string,
    text: string,
    record: (type: 'whistleblower.answered', data: JsonObject) => NewRecord,
  ): Promise<ReportView | undefined>;
  /** Warns of those whose time is nearly over, and of those whose time is. Returns how many. */
  sweep(): Promise<number>;
}

const PARTITION = 'WHISTLEBLOWER';
const LIMIT = { pk: 'WHISTLEBLOWER#LIMIT', sk: 'all' };
const HOUR_MS = 3_600_000;
/** Of all together: nobody is told from anybody else. */
const MOST_AN_HOUR = { reports: 20, codes: 200 };
const ANSWER_MS = 24 * HOUR_MS;
const WARNING_BEFORE_MS = 4 * HOUR_MS;
const DUE_SOON = { alert: 'whistleblower_due', severity: 'warning' };
const OVERDUE = { alert: 'whistleblower_overdue', severity: 'critical' };
const UNTRACED = '0'.repeat(32);
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ID = /^wbr_[0-9A-HJKMNP-TV-Z]{26}$/;

const letters = (bytes: Uint8Array): string => [...bytes].map((byte) => ALPHABET[byte % 32]).join('');

/** The report that a code belongs to: found by it, and no way back. */
const idOf = (code: string): string =>
  `wbr_${letters(createHash('sha256').update(`whistleblower ${code}`).digest().subarray(0, 26))}`;

export function createWhistleblower(deps: WhistleblowerDeps): Whistleblower {
  const { table, ledger, subjects, clock } = deps;

  async function within(name: keyof typeof MOST_AN_HOUR): Promise<void> {
    const window = Math.floor(clock() / HOUR_MS);
    const counted = await table.add(LIMIT.pk, LIMIT.sk, [{ name, window, by: 1 }]);
    if (Number(counted[name]) <= MOST_AN_HOUR[name]) return;
    const seconds = Math.ceil(((window + 1) * HOUR_MS - clock()) / 1_000);
    throw new ChanceryError('RATE_LIMITED', 'Too many came within the hour, from all together; try later.', {
      headers: { 'retry-after': String(seconds) },
    });
  }

  async function seal(id: string, personal: JsonObject): Promise<JsonObject> {
    return { ...sealPersonal(personal, await subjects.forSealing(id), deps.random) };
  }

  /** What a genuine record holds under the report's key. */
  async function open(record: string): Promise<JsonObject | undefined> {
    const sealed = (await deps.justifier.read(record))?.record.data.sealed;
    // Only `seal` makes these.
    const box = sealed === undefined ? undefined : await subjects.open(sealed as unknown as Sealed);
    return box?.ok ? box.personal : undefined;
  }

  const find = async (id: string): Promise<Item | undefined> =>
    ID.test(id) ? table.get(PARTITION, id) : undefined;

  async function* all(): AsyncGenerator<Item> {
    let after: string | undefined;
    do {
      const page = await table.query(PARTITION, after === undefined ? {} : { after });
      yield* page.items;
      after = page.next;
    } while (after !== undefined);
  }

  const answerIn = async ({ answer_record }: Item): Promise<{ answer?: string }> => {
    const opened = typeof answer_record === 'string' ? await open(answer_record) : undefined;
    return typeof opened?.answer === 'string' ? { answer: opened.answer } : {};
  };

  function viewOf({ sk, received, answered }: Item): ReportView {
    const due = Number(received) + ANSWER_MS;
    return {
      report_id: sk,
      status: typeof answered === 'number' ? 'answered' : 'open',
      received_at: iso(Number(received)),
      answer_by: iso(due),
      overdue: (typeof answered === 'number' ? answered : clock()) > due,
      ...(typeof answered === 'number' ? { answered_at: iso(answered) } : {}),
    };
  }

  return {
    async receive(report) {
      await within('reports');
      const code = letters(deps.random(26));
      const report_id = idOf(code);
      const received = clock();
      const { id } = await ledger.append({
        type: 'whistleblower.received',
        trace: UNTRACED,
        data: { report_id, answer_by: iso(received + ANSWER_MS), sealed: await seal(report_id, report) },
      });
      const item = { pk: PARTITION, sk: report_id, version: 1, received, record: id };
      await table.put(item, 'absent');
      return { report: viewOf(item), code };
    },

    async answerFor(code) {
      await within('codes');
      const item = await find(idOf(code));
      return item && { ...viewOf(item), ...(await answerIn(item)) };
    },

    async list() {
      const found: ReportView[] = [];
      for await (const item of all()) found.push(viewOf(item));
      return found.sort((one, other) => (one.received_at < other.received_at ? 1 : -1));
    },

    async read(id) {
      const item = await find(id);
      if (item === undefined) return undefined;
      const report = await open(String(item.record));
      return { ...viewOf(item), ...(report === undefined ? {} : { report }), ...(await answerIn(item)) };
    },

    async answer(id, answer, record) {
      const item = await find(id);
      if (item === undefined) return undefined;
      if (item.answered !== undefined) throw new ChanceryError('CONFLICT', 'It is answered already.');
      const sealed = await seal(id, { answer });
      const took_us = Math.max(0, clock() - Number(item.received)) * 1_000;
      const written = await ledger.append(
        record('whistleblower.answered', { report_id: id, took_us, sealed }),
      );
      const next = {
        ...item,
        version: Number(item.version) + 1,
        answered: Date.parse(written.time),
        answer_record: written.id,
      };
      const put = await table.put(next, { version: Number(item.version) });
      if (!put.stored)
        throw new ChanceryError('CONFLICT', 'Somebody else answered at the same moment; look again.');
      return viewOf(next);
    },

    async sweep() {
      let warned = 0;
      for await (const item of all()) {
        const due = Number(item.received) + ANSWER_MS;
        const stage = clock() >= due ? OVERDUE : clock() >= due - WARNING_BEFORE_MS ? DUE_SOON : undefined;
        if (item.answered !== undefined || stage === undefined || item.warned === stage.alert) continue;
        const data = { ...stage, report_id: item.sk, answer_by: iso(due) };
        await ledger.append({ type: 'alert.fired', trace: UNTRACED, data });
        // The record first: a crash in between warns twice, and never not at all.
        const next = { ...item, version: Number(item.version) + 1, warned: stage.alert };
        await table.put(next, { version: Number(item.version) });
        warned += 1;
      }
      return warned;
    },
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
