/**
 * Tells people what waits for them. What is told follows from the ledger: the herald reads on from its marks, lays what
 * it has to tell into the outbox, and moves its marks only then, so that whoever crashes, everything is told, and what
 * is told again is the same message. When the outbox is done with a notice, in whatever way, that is a record.
 */

import { inBatches } from '../../basics/batches.ts';
import type { JsonObject } from '../../json.ts';
import { laneKey, seqKey, signedOf, typeOfBytes } from '../../ledger/bytes.ts';
import { type TableReader, toEntry } from '../../ledger/entry.ts';
import { LEASE_MS as LANE_LEASE_MS } from '../../ledger/lane/certificate.ts';
import { laneItems } from '../../ledger/lane/directory.ts';
import { readEntries } from '../../ledger/reader.ts';
import type { Ledger } from '../../ledger/record.ts';
import type { Clock, Item, Table } from '../../ports.ts';
import { jobId, type Outbox } from '../alerts/notify/outbox.ts';
import { LaneMarks, type Mark } from '../marks.ts';
import { lettersOf } from './letters.ts';
import { type CommitteeNotice, mayBeTold, noticeOf, together } from './told.ts';
import type { Untold } from './untold.ts';

export interface HeraldDeps {
  readonly table: Table;
  readonly ledgerTable: TableReader;
  /** Numbers of the lanes from this one on. */
  readonly lanes: (from: number) => Promise<readonly number[]>;
  readonly ledger: Ledger;
  readonly outbox: Pick<Outbox, 'accept' | 'stateOf'>;
  /** Names of those that are there. */
  readonly couriers: ReadonlySet<string>;
  /** Where the API is, for links. */
  readonly url?: string;
  readonly clock: Clock;
  /** What need not be read, where this process appends. */
  readonly untold?: Pick<Untold, 'past'>;
}

export interface Herald {
  /** Lays what is new into the outbox. Returns how many notices. */
  gather(): Promise<number>;
  /** Puts on record what the outbox is done with. Returns how many are still on their way. */
  conclude(): Promise<number>;
}

const NOTICES = 'NOTICES';
/** One small item for each notice that is on its way. */
const OPEN = 'NOTICES#OPEN';
/** What happened before nobody needs to be told any more: the longest that an approval waits. */
const NEWS_MS = 72 * 3_600_000;
const KEPT_MS = 30 * 86_400_000;
/** More of one kind than this at once are told as one. */
const MOST_EACH = 10;
/** Longer than an append takes: who was writing the record for so long has died. */
const LEASE_MS = 30_000;
const SKEW_MS = 60_000;

interface Read {
  readonly mark: Mark;
  /** Place of the first record that was not read. */
  readonly next: number;
  readonly ended: boolean;
  readonly notices: readonly CommitteeNotice[];
}

export function createHerald(deps: HeraldDeps): Herald {
  const { table, ledgerTable, outbox, clock } = deps;
  const marks = new LaneMarks(table, 'HERALD');

  async function read(mark: Mark): Promise<Read> {
    const notices: CommitteeNotice[] = [];
    const from = deps.untold?.past(mark.lane, mark.next) ?? mark.next;
    let next = from;
    if (next === 0 && (await isOld(mark.lane))) return { mark, next, ended: true, notices };
    // Nothing is left of a lane that was pruned.
    let ended = true;
    // With the record before: it tells whether the lane has ended there.
    for await (const item of laneItems(ledgerTable, mark.lane, Math.max(0, from - 1))) {
      const seq = Number(item.sk);
      ended = false;
      if (seq > next) break; // A record is missing: verification names it, and whoever reads on would skip it.
      next = seq + 1;
      const bytes = signedOf(item)?.b;
      if (bytes === undefined) continue;
      ended = typeOfBytes(bytes) === 'ledger.lane_closed';
      if (seq < from || !mayBeTold(bytes)) continue;
      const entry = toEntry(item);
      const notice = entry && noticeOf(entry.id, entry.record_hash, entry.record);
      if (notice !== undefined && clock() - Date.parse(notice.at) < NEWS_MS) notices.push(notice);
    }
    return { mark, next, ended, notices };
  }

  /** Whether nothing in it is news: a lane ends with its lease. Of years nothing is read for that. */
  async function isOld(lane: number): Promise<boolean> {
    const opened = await ledgerTable.get(laneKey(lane), seqKey(0));
    const time = opened && toEntry(opened)?.record.time;
    return time !== undefined && clock() - Date.parse(time) > NEWS_MS + LANE_LEASE_MS;
  }

  async function lay(notice: CommitteeNotice): Promise<void> {
    const letters = lettersOf(notice, deps.couriers, deps.url);
    const { id: sk } = notice;
    // First, so that none is on its way that nobody would look after.
    await table.put({ pk: OPEN, sk, at: clock() }, 'absent');
    const { stored } = await table.put(
      {
        pk: NOTICES,
        sk,
        version: 1,
        notice: JSON.stringify(notice),
        jobs: letters.map((letter) => ({ courier: letter.courier, id: jobId(letter) })),
        expires: Math.ceil((clock() + KEPT_MS) / 1_000),
      },
      'absent',
    );
    // Told already, by us before a crash or by another.
    if (!stored && (await table.get(NOTICES, sk))?.record !== undefined) return;
    for (const letter of letters) await outbox.accept(letter);
  }

  /** What became of each letter; undefined while one is on its way. */
  async function outcome(jobs: readonly { courier: string; id: string }[]): Promise<JsonObject | undefined> {
    // Whoever looks finds it, with or without a messenger: in the lists of approvals, cases, sanctions.
    const channels: Record<string, string> = { inbox: 'delivered' };
    for (const { courier, id } of jobs) {
      const state = await outbox.stateOf(id);
      if (state === 'open') return undefined;
      channels[courier.split('-')[0] ?? courier] = state === 'dead' ? 'given_up' : 'delivered';
    }
    return channels;
  }

  /** Whether somebody who died had written the record. */
  async function recordedSince(ms: number, notice_id: string): Promise<string | undefined> {
    const from = new Date(ms - SKEW_MS).toISOString();
    let cursor: string | undefined;
    do {
      const page = await readEntries(
        ledgerTable,
        { type: 'committee.notified', from },
        { limit: 100, ...(cursor === undefined ? {} : { cursor }) },
      );
      const found = page.entries.find(({ record }) => record.data.notice_id === notice_id);
      if (found !== undefined) return found.id;
      cursor = page.next;
    } while (cursor !== undefined);
    return undefined;
  }

  /** True when it is on record. */
  async function tell(item: Item): Promise<boolean> {
    const channels = await outcome(jobsOf(item));
    if (channels === undefined) return false;
    const telling = Number(item.telling ?? 0);
    if (clock() < telling + LEASE_MS) return false; // Another is writing it.
    const claimed = { ...item, version: Number(item.version) + 1, telling: clock() };
    if (!(await table.put(claimed, { version: Number(item.version) })).stored) return false;
    const notice = noticeIn(item);
    const found = telling === 0 ? undefined : await recordedSince(telling, notice.id);
    const record = found ?? (await deps.ledger.append(recordOf(notice, channels, clock()))).id;
    await table.put({ ...claimed, version: claimed.version + 1, record }, { version: claimed.version });
    return true;
  }

  return {
    async gather() {
      const all = await inBatches(await marks.open(deps.lanes), read);
      const notices = all.flatMap((each) => each.notices);
      // Of several lanes at once: in the order in which it happened, so that no end overtakes its beginning.
      notices.sort((one, other) => (one.at < other.at ? -1 : 1));
      const told = thinned(notices);
      for (const notice of told) await lay(notice);
      await inBatches(all, async ({ mark, next, ended }) => {
        if (ended) await marks.done(mark);
        else if (next > mark.next) await marks.advance(mark, next);
      });
      return told.length;
    },

    async conclude() {
      let left = 0;
      let after: string | undefined;
      do {
        const page = await table.query(OPEN, after === undefined ? {} : { after });
        for (const { sk, at } of page.items) {
          const item = await table.get(NOTICES, sk);
          const young = clock() < Number(at) + LEASE_MS;
          if (item === undefined ? young : item.record === undefined && !(await tell(item))) left += 1;
          else await table.remove(OPEN, sk);
        }
        after = page.next;
      } while (after !== undefined);
      return left;
    },
  };
}

/** Many of one kind at once would bury what else there is. */
function thinned(notices: readonly CommitteeNotice[]): CommitteeNotice[] {
  return [...Map.groupBy(notices, ({ kind }) => kind).values()].flatMap((alike) =>
    alike.length > MOST_EACH && alike.every(({ incident }) => incident === 'opens')
      ? [together(alike)]
      : alike,
  );
}

function recordOf(notice: CommitteeNotice, channels: JsonObject, now: number) {
  const { id, record_hash, trace, at, kind, about, priority, severity, count = 1 } = notice;
  return {
    type: 'committee.notified',
    trace,
    after: record_hash,
    data: {
      notice_id: id,
      kind,
      about,
      cause: id,
      priority,
      severity,
      count,
      channels,
      duration_us: Math.max(0, now - Date.parse(at)) * 1_000,
    },
  };
}

/** Only `lay` writes these. */
const noticeIn = (item: Item): CommitteeNotice => JSON.parse(String(item.notice));

const jobsOf = ({ jobs }: Item): { courier: string; id: string }[] =>
  (Array.isArray(jobs) ? jobs : []).flatMap((job) =>
    typeof job === 'object' && job !== null && !Array.isArray(job) && !(job instanceof Uint8Array)
      ? [{ courier: String(job.courier), id: String(job.id) }]
      : [],
  );
