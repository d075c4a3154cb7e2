/**
 * Verification of lanes: every certificate, every record, every link, and that no lane number is missing.
 * The tree is verified in `verify-log.ts`; together they are `chancery ledger verify`.
 */
import type { Item, Table } from '../../ports.ts';
import {
  DIRECTORY,
  laneKey,
  numberKey,
  parseRecord,
  placeOf,
  type Signed,
  seqKey,
  signedOf,
} from '../bytes.ts';
import type { CheckSignatures } from '../ed25519.ts';
import type { Finding } from '../verdict.ts';
import { certificateOf, checkCertificate } from './certificate.ts';
import { directory, FIRST_LANE, laneItems } from './directory.ts';
import {
  type CheckedRecord,
  LaneCheck,
  type LaneCheckOptions,
  type LaneTrust,
  type Placed,
} from './lane-check.ts';

/** Where lanes are read from: a store, a copy of one. */
export interface LaneSource {
  /** Directory entries in order of number. */
  directory(): AsyncIterable<{ lane: number; signed: Signed | undefined }>;
  /** Records of a lane in order of place. */
  records(lane: number): AsyncIterable<Placed>;
  /** Partition keys under which records of lanes would lie, in their order; absent where a store cannot list them. */
  partitions?(): AsyncIterable<string>;
}

/** The lane of a partition key; undefined for one that no lane has. */
function laneIn(pk: string): number | undefined {
  const lane = /^LANE#(\d{8})$/.exec(pk)?.[1];
  return lane === undefined || Number(lane) < FIRST_LANE ? undefined : Number(lane);
}

export const placedOf = (item: Item): Placed => ({ seq: placeOf(item.sk), signed: signedOf(item) });

/** The certificate of a lane: as the directory has it or, when that one does not hold, as record 0 has it. */
export async function firstCertificate(
  table: Pick<Table, 'get'>,
  lane: number,
  holds: (certificate: Signed) => boolean,
): Promise<Signed | undefined> {
  const listed = await table.get(DIRECTORY, numberKey(lane));
  const certificate = listed === undefined ? undefined : signedOf(listed);
  if (certificate !== undefined && holds(certificate)) return certificate;
  const first = await table.get(laneKey(lane), seqKey(0));
  const signed = first === undefined ? undefined : signedOf(first);
  const record = signed === undefined ? undefined : parseRecord(signed.b);
  return record === undefined ? undefined : certificateOf(record);
}

/** The check of a lane out of this table, to be fed from `from` on: certificate and all that is in it are checked. */
export async function checkFrom(
  { table, trust, check }: { table: Pick<Table, 'get'>; trust: LaneTrust; check?: CheckSignatures },
  lane: number,
  from: { readonly next: number; readonly prev: string },
): Promise<LaneCheck> {
  const certificate = await firstCertificate(
    table,
    lane,
    (signed) => checkCertificate(signed, lane, trust.authorities, trust.origin).ok,
  );
  return new LaneCheck(lane, trust, {
    ...(certificate === undefined ? {} : { directory: certificate }),
    ...(from.next === 0 ? {} : { resume: from }),
    ...(check === undefined ? {} : { check }),
  });
}

export function tableSource(table: Pick<Table, 'get' | 'query'>): LaneSource {
  return {
    async *directory() {
      for await (const item of directory(table)) yield { lane: placeOf(item.sk), signed: signedOf(item) };
    },
    async *records(lane) {
      let next: number | undefined;
      for await (const item of laneItems(table, lane)) {
        const placed = placedOf(item);
        if (next !== undefined && placed.seq > next) yield* lateRecords(table, lane, next, placed.seq);
        next = placed.seq + 1;
        yield placed;
      }
    },
  };
}

const LOOKED_FOR = 1_000;

/**
 * A query is no snapshot: while it ran, a writer may have put a record behind the point that was read already and
 * the next one before it. A gap is looked at once more, so that a busy lane is not accused of one.
 */
async function* lateRecords(
  table: Pick<Table, 'get'>,
  lane: number,
  from: number,
  to: number,
): AsyncGenerator<Placed> {
  for (let seq = from; seq < Math.min(to, from + LOOKED_FOR); seq += 1) {
    const item = await table.get(laneKey(lane), seqKey(seq));
    if (item !== undefined) yield placedOf(item);
  }
}

const BATCH = 256;

export interface LaneVerifyOptions {
  /** Sees each checked record: the tree check compares it with the sealed leaf. */
  readonly seen?: (lane: number, record: CheckedRecord) => void;
  /** False: those of records that were checked elsewhere were not looked at, so two histories convict nobody. */
  readonly signatures?: boolean;
  readonly check?: CheckSignatures;
  /** Records that were checked elsewhere, at this place. They are seen unparsed. */
  readonly isKnown?: (lane: number, seq: number, hash: Uint8Array) => boolean;
  /** Whether a sealed pruning covers this record. */
  readonly mayBeGone?: (lane: number, seq: number) => boolean;
  /** Whether anything of a lane is in the tree: then the directory had it before. */
  readonly isSealed?: (lane: number) => boolean;
  /** Where a lane may begin whose first record left is `first` (none is left: undefined): it was pruned. */
  readonly startsAt?: (
    lane: number,
    first: number | undefined,
  ) => LaneCheckOptions['resume'] | 'nothing-left';
}

export interface LaneResults {
  readonly entries: number;
  readonly lanes: number;
  readonly findings: readonly Finding[];
}

/** All lanes of a source, with the signature of each record that is not known. Never throws for what it finds; a source that cannot be read throws. */
export async function checkLanes(
  source: LaneSource,
  trust: LaneTrust,
  options: LaneVerifyOptions = {},
): Promise<LaneResults> {
  const findings: Finding[] = [];
  let entries = 0;
  let expected = FIRST_LANE;
  const one = async (lane: number, listed: Signed | undefined, inDirectory: boolean): Promise<boolean> => {
    const [first, records] = await peek(source.records(lane));
    if (first === undefined && !inDirectory) return false;
    const start = first?.seq === 0 ? undefined : options.startsAt?.(lane, first?.seq);
    if (start === 'nothing-left') return true;
    const check = new LaneCheck(lane, trust, {
      ...(listed === undefined ? {} : { directory: listed }),
      ...(options.signatures === undefined ? {} : { signatures: options.signatures }),
      ...(options.check === undefined ? {} : { check: options.check }),
      isKnown: (seq, hash) => options.isKnown?.(lane, seq, hash) === true,
      mayBeGone: (seq) => options.mayBeGone?.(lane, seq) === true,
      ...(start === undefined ? {} : { resume: start }),
    });
    await feedAll(check, records, options.seen);
    findings.push(...check.end());
    entries += check.entries;
    return true;
  };
  for await (const { lane, signed } of source.directory()) {
    if (lane < expected) {
      findings.push({
        verdict: 'FORMAT',
        detail: 'the directory holds an entry under a key that is no lane number',
      });
      continue;
    }
    for (; expected < lane; expected += 1) {
      findings.push(notListed(expected));
      await one(expected, undefined, false);
    }
    await one(lane, signed, true);
    expected = lane + 1;
  }
  // A writer that died between its first record and the directory entry leaves a lane that only record 0 tells of.
  for (; await one(expected, undefined, false); expected += 1)
    if (options.isSealed?.(expected) === true) findings.push(notListed(expected));
  // Lists would show what somebody put under any other number, where no record leads to it. A writer that is certified may be there already.
  for await (const pk of source.partitions?.() ?? []) {
    const lane = laneIn(pk);
    if (lane === undefined)
      findings.push({ verdict: 'FORMAT', detail: 'items stand under a key that is no lane' });
    else if (lane >= expected) await one(lane, undefined, false);
  }
  return { entries, lanes: expected - FIRST_LANE, findings };
}

const notListed = (lane: number): Finding => ({
  verdict: 'MISSING',
  lane,
  seq: 0,
  detail: 'the directory has no such lane',
});

/** The first of a sequence, and the sequence with it. */
async function peek<T>(sequence: AsyncIterable<T>): Promise<[T | undefined, AsyncIterable<T>]> {
  const iterator = sequence[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return [undefined, (async function* () {})()];
  const whole = async function* () {
    yield first.value;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  return [first.value, whole()];
}

async function feedAll(
  check: LaneCheck,
  records: AsyncIterable<Placed>,
  seen: LaneVerifyOptions['seen'],
): Promise<void> {
  let batch: Placed[] = [];
  const flush = async (): Promise<void> => {
    for (const record of await check.feed(batch, true)) seen?.(check.lane, record);
    batch = [];
  };
  for await (const placed of records) {
    batch.push(placed);
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
}
