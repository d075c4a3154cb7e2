/**
 * The powers as the ledger has them, kept up with it: own records at once, those of other writers by reading on. Only
 * genuine records count, so a look-alike in the store gives nothing. What was folded is saved under a seal: a copy that
 * was put back only means reading more.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { parseRecord, signedOf } from '../../ledger/bytes.ts';
import type { TableReader } from '../../ledger/entry.ts';
import type { Justification, Justifier } from '../../ledger/justified.ts';
import { directory, laneItems } from '../../ledger/lane/directory.ts';
import { type OpenEnds, openEnds } from '../../ledger/places/open-ends.ts';
import type { Blobs } from '../../ports.ts';
import { hear, isHeard } from './heard.ts';
import { BEARS, type Power, Powers } from './powers.ts';

export interface PowerFoldDeps {
  readonly table: TableReader;
  readonly justifier: Pick<Justifier, 'judge'>;
  /** Where the fold is saved, outside of the tables. */
  readonly saved: Pick<Blobs, 'get' | 'put'>;
  /** Seals the saved copy. */
  readonly key: Uint8Array;
}

export interface PowerFold {
  readonly powers: Powers;
  /** A record that this process has just appended. */
  own(entry: Pick<Justification, 'id' | 'hash' | 'record'>): void;
  /** Reads what others wrote since. */
  catchUp(): Promise<void>;
  save(): Promise<void>;
}

const SAVED = 'power/fold.json';
/** A copy of an edition that knew of fewer kinds is none: everything is read again. */
const KINDS = Object.keys(BEARS).join();
const CLOSED = Buffer.from('"type":"ledger.lane_closed"');

const savedFold = z.object({
  /** Lanes below this are read to their end. */
  from: z.number(),
  next: z.array(z.tuple([z.number(), z.number()])),
  /** Lanes from `from` on that are read to their end. */
  closed: z.array(z.number()),
  powers: z.array(z.unknown()),
});

export function createPowerFold({ table, justifier, saved, key }: PowerFoldDeps): PowerFold {
  const powers = new Powers();
  const next = new Map<number, number>();
  const closed = new Set<number>();
  /** Lanes of this process, of which it hears every record as it is appended: they are not read. */
  const mine = new Set<number>();
  /** A place that was missing at the last look: a record may come late, but not by a whole round. */
  const gaps = new Map<number, number>();
  let from = 1;
  let restored = false;
  let running: Promise<void> | undefined;

  const seal = (text: string): string =>
    createHmac('sha256', key).update(`power fold of ${KINDS}\n${text}`).digest('hex');

  async function restore(): Promise<void> {
    restored = true;
    const bytes = await saved.get(SAVED);
    const [mac = '', text = ''] = bytes ? splitLine(new TextDecoder().decode(bytes)) : [];
    const expected = seal(text);
    if (mac.length !== expected.length || !timingSafeEqual(Buffer.from(mac), Buffer.from(expected))) return;
    const parsed = savedFold.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    from = parsed.data.from;
    for (const [lane, seq] of parsed.data.next) next.set(lane, seq);
    for (const lane of parsed.data.closed) closed.add(lane);
    // Only `save` makes what bears our seal.
    for (const power of parsed.data.powers) powers.set(power as Power);
  }

  async function readLane(lane: number): Promise<Justification[]> {
    const found: Justification[] = [];
    for await (const item of laneItems(table, lane, next.get(lane) ?? 0)) {
      const seq = Number(item.sk);
      const expected = next.get(lane) ?? 0;
      if (seq !== expected && gaps.get(lane) !== expected) {
        gaps.set(lane, expected);
        return found;
      }
      gaps.delete(lane);
      next.set(lane, seq + 1);
      const bytes = signedOf(item)?.b;
      if (bytes === undefined) continue;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      if (isHeard(text)) {
        const entry = await justifier.judge(item);
        if (entry !== undefined) found.push(entry);
      }
      if (text.includes(CLOSED) && parseRecord(bytes)?.type === 'ledger.lane_closed') closed.add(lane);
    }
    return found;
  }

  async function readOn(): Promise<void> {
    if (!restored) await restore();
    const found: Justification[] = [];
    let open: OpenEnds | undefined;
    for await (const { sk } of directory(table, from)) {
      const lane = Number(sk);
      if (closed.has(lane) || mine.has(lane)) continue;
      found.push(...(await readLane(lane)));
      if (next.has(lane)) continue;
      // Nothing is there. Of a lane that is sealed to its end nothing comes any more: it was pruned.
      open ??= await openEnds(table);
      if (!open.ends.has(lane)) closed.add(lane);
    }
    while (closed.delete(from)) next.delete(from++);
    // Of several lanes at once: in the order of time, as they were written.
    found.sort(inOrder);
    for (const entry of found) hear(powers, entry);
  }

  return {
    powers,
    own(entry) {
      const { lane, seq } = entry.record;
      if (seq === 0) mine.add(lane);
      if (!mine.has(lane)) return;
      next.set(lane, seq + 1);
      hear(powers, entry);
      if (entry.record.type === 'ledger.lane_closed') closed.add(lane);
    },
    catchUp() {
      running ??= readOn().finally(() => {
        running = undefined;
      });
      return running;
    },
    async save() {
      const state = { from, next: [...next], closed: [...closed], powers: [...powers.all()] };
      const text = JSON.stringify(state satisfies z.input<typeof savedFold>);
      await saved.put(SAVED, new TextEncoder().encode(`${seal(text)}\n${text}`));
    },
  };
}

function inOrder({ record: one }: Justification, { record: other }: Justification): number {
  if (one.time !== other.time) return one.time < other.time ? -1 : 1;
  return one.lane - other.lane || one.seq - other.seq;
}

function splitLine(text: string): [string, string] {
  const at = text.indexOf('\n');
  return [text.slice(0, at), text.slice(at + 1)];
}
