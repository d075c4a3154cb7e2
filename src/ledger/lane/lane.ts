/**
 * The write path of the ledger: one queue, one lane at a time, runs of records committed together.
 *
 * What has been sent and not answered is sent again, bit for bit, before anything new: so a store that fails
 * after having written can cost a caller its answer, never the lane its order. A place taken by somebody else
 * ends the lane; what was not yet acknowledged goes to a new one.
 */
import { ChanceryError } from '../../errors.ts';
import type { Clock, Doorbell, Item, Log, Meter, Table } from '../../ports.ts';
import type { TamperNotice } from '../../terms.ts';
import { hex, recordHash, type Signed, sameBytes, signedOf } from '../bytes.ts';
import { type AskHold, HeldBack, mayPass, type Standing } from '../hold.ts';
import { type SubjectKeys, sealPersonal } from '../people/personal.ts';
import type { Pseudonym } from '../people/pseudonym.ts';
import type { Ledger, LedgerRecord, NewRecord, Receipt } from '../record.ts';
import { MOST_IN_RUN } from '../signature-form.ts';
import { type Claim, type ClaimDeps, claimLane, enterDirectory, isEntered } from './claim.ts';
import { insist, unavailable, type Wait } from './commit.ts';
import { type Content, type Prepared, prepare } from './content.ts';
import { isTombstoneBy } from './tombstone.ts';
import { type Deltas, LaneWriter, type WriterDeps, type WrittenRecord } from './writer.ts';

type Labels = Readonly<Record<string, string>>;

export interface LaneDeps extends WriterDeps {
  readonly table: Table;
  /** Where numbers of lanes are counted out: working state. The ledger's own table when absent. */
  readonly numbers?: Table;
  readonly subjects: Pick<SubjectKeys, 'forSealing'>;
  readonly pseudonym: Pseudonym;
  /** `iss` → the issuer's name in the settings. */
  readonly issuerName: (issuer: string) => string;
  readonly wait: Wait;
  readonly doorbell?: Doorbell;
  readonly log?: Log;
  /** What stands against appending; a lane that opens meanwhile claims its number later. */
  readonly held?: AskHold;
  /** Of every record that does not name another: the charter in force. */
  readonly charter?: () => string;
  /** Label values as admitted to the metrics, the caller's own included; a promise only for a never-seen value. */
  readonly admit?: (record: NewRecord) => Labels | Promise<Labels>;
  /** In-process figures that ride, unsigned, on the item that is being built (metrics; at most every 5 s). */
  readonly deltas?: Deltas;
  /**
   * Records that are committed together share a signature. Not where a sealer may be of a version that does not read that: it would take them
   * for tampering, and stop everybody.
   */
  readonly together?: boolean;
  readonly meter?: Meter;
  /** Milliseconds with fractions, for durations only; the clock when absent. */
  readonly stopwatch?: Clock;
  /** Sees every record once it is durable, in the order of the lane. Must not throw. */
  readonly appended?: (entries: readonly WrittenRecord[]) => void;
}

export interface Lane extends Ledger {
  /** The lane that is being written; it changes when a lease ends or a lane is lost. */
  readonly number: number;
  /** Appends that wait, including those in flight. */
  readonly waiting: number;
  /** The last durable place, and since when (milliseconds) appends fail, if they do. */
  head(): { readonly lane: number; readonly seq: number; readonly failing_since: number | null };
  /** Waits for what is queued and closes the lane with its own last record. Nothing can be appended after. */
  close(): Promise<void>;
}

interface Waiting {
  readonly said: Prepared;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: unknown) => void;
  /** An alarm waits for as long as it takes; a caller is told after half a second. */
  readonly patient?: boolean;
}

/** A record on its way, and who waits for it: nobody, once its caller was told that the store is silent. */
interface Sent {
  readonly written: WrittenRecord;
  readonly waiting?: Waiting;
}

const RUN_BYTES = 2_000_000;
const QUEUE_LIMIT = 20_000;
/** The writer leaves its lane this long before the lease ends, so that it never races the sealer's tombstone. */
const LEASE_MARGIN_MS = 10 * 60 * 1000;
/** Lanes lost in one go before the writer gives up: somebody is taking its places as fast as it claims them. */
const LANES_PER_RUN = 3;
/** How often a writer whose lane has no place in the directory sees after it. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Opens the lane: certificate signed, record 0 durable. Throws LEDGER_UNAVAILABLE when that cannot be had. While
 * something stands against appending, no number is claimed: the tree may hold it already. The first append after
 * claims it.
 */
export async function openLane(deps: LaneDeps): Promise<Lane> {
  const lane = new QueuedLane(deps);
  if ((await deps.held?.()) === undefined) await lane.open();
  return lane;
}

class QueuedLane implements Lane {
  readonly #deps: LaneDeps;
  #writer: LaneWriter | undefined;
  #queue: Waiting[] = [];
  /** Sent, and nobody knows whether stored: goes again before anything else. */
  #unanswered: readonly Sent[] = [];
  #draining: Promise<void> | undefined;
  #head = { lane: 0, seq: 0 };
  #failingSince: number | null = null;
  /** The lane that is written, while it has no place in the directory yet; since when, and when it looked last. */
  #unentered: (Claim & { readonly at: number; readonly looked: number }) | undefined;
  #closed = false;

  constructor(deps: LaneDeps) {
    this.#deps = deps;
  }

  get number(): number {
    return this.#head.lane;
  }

  head(): { lane: number; seq: number; failing_since: number | null } {
    return { ...this.#head, failing_since: this.#failingSince };
  }

  get waiting(): number {
    return this.#queue.length + this.#unanswered.length;
  }

  async append(record: NewRecord): Promise<Receipt> {
    const { meter, stopwatch = this.#deps.clock } = this.#deps;
    const begun = stopwatch();
    try {
      if (this.#closed) throw unavailable('The lane is closed');
      const asked = this.#deps.held?.();
      requireNoHold(record.type, asked instanceof Promise ? await asked : asked);
      if (this.#queue.length >= QUEUE_LIMIT) throw unavailable('Too many records wait for the store');
      const said = prepare(await this.#content(record));
      const receipt = await new Promise<Receipt>((resolve, reject) => {
        this.#queue.push({ said, resolve, reject });
        this.#draining ??= this.#drain();
      });
      meter?.observe('ledger_append_duration_seconds', {}, (stopwatch() - begun) / 1_000);
      return receipt;
    } catch (error) {
      meter?.count('ledger_append_failures_total', { reason: this.#failure(error) });
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#draining;
    if (this.#unanswered.length > 0) await this.#settle(this.#unanswered);
    // While something stands the lane is left as it is: the sealer closes it when its lease ends.
    if (this.#writer === undefined || (await this.#deps.held?.()) !== undefined) return;
    await this.#enter();
    await this.#settle([{ written: this.#writer.close('shutdown') }]);
    this.#writer = undefined;
  }

  /** A new key pair, the next number, record 0. */
  async open(): Promise<LaneWriter> {
    let opened: Awaited<ReturnType<typeof LaneWriter.open>> | undefined;
    const claim = await claimLane({
      ...this.#claiming,
      first: async (lane) => {
        opened = await this.#insist(() => LaneWriter.open(lane, this.#deps));
        return { certificate: opened.certificate, record: opened.first.item };
      },
    });
    if (opened === undefined) throw unavailable('No lane was claimed');
    const now = this.#deps.clock();
    this.#unentered = isEntered(claim) ? undefined : { ...claim, at: now, looked: now };
    this.#writer = opened.writer;
    this.#heard([{ written: opened.first }]);
    return opened.writer;
  }

  async #content(record: NewRecord): Promise<Content> {
    const { who, personal, ...given } = record;
    const meta = this.#meta(record);
    const rest = meta === undefined ? given : { ...given, meta };
    const admitted = this.#deps.admit?.(record);
    const labels = admitted instanceof Promise ? await admitted : admitted;
    const plain = labels === undefined ? rest : { ...rest, labels };
    if (who === undefined) {
      if (personal !== undefined) throw new TypeError('personal fields need who they belong to');
      return plain;
    }
    const subject = this.#deps.pseudonym(who);
    if (personal === undefined) return { ...plain, subject };
    const key = await this.#insist(() => this.#deps.subjects.forSealing(subject));
    return { ...plain, subject, personal: sealPersonal(personal, key, this.#deps.random) };
  }

  /** What the ledger itself adds: the charter in force, and whose issuer's the principal is. */
  #meta({ who, meta }: NewRecord): LedgerRecord['meta'] {
    const { charter, issuerName } = this.#deps;
    if (charter === undefined && who === undefined) return meta;
    return {
      ...(charter === undefined ? {} : { charter: charter() }),
      ...meta,
      ...(who === undefined ? {} : { issuer: issuerName(who.issuer) }),
    };
  }

  #insist<T>(write: () => Promise<T>): Promise<T> {
    return insist(write, this.#deps.wait, () => this.#recovered());
  }

  #recovered(): void {
    this.#deps.meter?.count('error_recoveries_total', { component: 'ledger' });
  }

  async #drain(): Promise<void> {
    // Requests that are being handled in this turn of the event loop share one commit.
    await this.#deps.wait(0);
    try {
      while (this.#queue.length > 0) await this.#commitRun();
    } catch (error) {
      this.#refuse(error);
    }
    this.#draining = undefined;
  }

  /** Commits one run; on a lane that is lost in the middle, the rest of it on the next. */
  async #commitRun(): Promise<void> {
    for (let lanes = 0; lanes < LANES_PER_RUN; lanes += 1) {
      const again = this.#unanswered.length > 0;
      const run = again ? this.#unanswered : this.#build(await this.#current());
      if (run.length === 0 || (await this.#settle(run))) return;
    }
    throw unavailable('The lanes of this writer are taken as fast as it opens them');
  }

  /**
   * Sends a run until it is answered. True: all of it is stored. False: a place was taken, the lane is given up
   * and who still waits is back at the head of the queue. Throws LEDGER_UNAVAILABLE when the store is silent;
   * the run then stays unanswered, because the lane depends on these very bytes.
   */
  async #settle(run: readonly Sent[]): Promise<boolean> {
    this.#unanswered = run;
    const items = run.map(({ written }) => written.item);
    const { stored } = await this.#insist(() => this.#deps.table.putRun(items));
    const kept = stored ? run.length : await this.#leaveLane(run);
    this.#unanswered = [];
    this.#heard(run.slice(0, kept));
    for (const { written, waiting } of run.slice(0, kept)) waiting?.resolve(written.receipt);
    const rest = run.slice(kept).flatMap(({ waiting }) => waiting ?? []);
    this.#queue = [
      ...this.#queue.filter(isPatient),
      ...rest,
      ...this.#queue.filter((one) => !isPatient(one)),
    ];
    return kept === run.length;
  }

  /** The writer, on a new lane when there is none or the lease is about to end. */
  async #current(): Promise<LaneWriter> {
    const writer = this.#writer;
    if (writer === undefined) return this.open();
    // Mostly the sealer was here before.
    const looked = this.#unentered?.looked ?? Number.POSITIVE_INFINITY;
    if (this.#deps.clock() - looked >= LOOK_AGAIN_MS) await this.#enter();
    if (this.#deps.clock() < writer.leaseUntil - LEASE_MARGIN_MS) return writer;
    this.#writer = undefined;
    await this.#settle([{ written: writer.close('lease') }]);
    return this.open();
  }

  get #claiming(): Omit<ClaimDeps, 'first'> {
    const { table, numbers = table, wait } = this.#deps;
    return {
      table,
      numbers,
      wait,
      fill: async (lane) => {
        const { writer, first } = await this.#insist(() => LaneWriter.open(lane, this.#deps));
        // Refused: its taker came after all.
        await this.#insist(() => table.putRun([first.item, writer.close('shutdown').item]));
      },
    };
  }

  /** Many opened lanes at once, and it was not yet this one's turn to be entered. */
  async #enter(): Promise<void> {
    const claim = this.#unentered;
    if (claim === undefined) return;
    const now = this.#deps.clock();
    const entering = await enterDirectory(this.#claiming, claim, now - claim.at);
    const last = entering === 'stranded' ? claim.seen : entering.last;
    const looked = { ...claim, seen: last, looked: now };
    this.#unentered = isEntered(looked) ? undefined : looked;
  }

  #build(writer: LaneWriter): Sent[] {
    // Of one record there is no tree to be checked.
    const together = this.#deps.together === true && this.#queue.length > 1;
    const run = writer.begin(together ? 'together' : 'alone', this.#deps.deltas);
    const waits: Waiting[] = [];
    let bytes = 0;
    while (waits.length < MOST_IN_RUN && bytes < RUN_BYTES) {
      const waiting = this.#queue.shift();
      if (waiting === undefined) break;
      try {
        bytes += run.add(waiting.said);
        waits.push(waiting);
      } catch (error) {
        // Too large: this caller's mistake, the others go on.
        waiting.reject(error);
      }
    }
    try {
      return run.sign().flatMap((written, at) => {
        const waiting = waits[at];
        return waiting === undefined ? [] : [{ written, waiting }];
      });
    } catch (error) {
      for (const { reject } of waits) reject(error);
      return [];
    }
  }

  /**
   * A place of this run holds something else. Finds out what, gives up the lane and returns how many records of
   * the run are stored. A tombstone is the sealer's right; anything else is an intruder and raises an alarm.
   */
  async #leaveLane(run: readonly Sent[]): Promise<number> {
    this.#writer = undefined;
    for (const [index, { written }] of run.entries()) {
      const found = await this.#insist(() => this.#deps.table.get(written.item.pk, written.item.sk));
      const there = found === undefined ? undefined : signedOf(found);
      // Not by its hash: that is over both, and the same where somebody moved bytes from one to the other.
      if (there !== undefined && areSame(there, written.item)) continue;
      const { lane, seq } = written.record;
      if (there !== undefined && isTombstoneBy(there, written.record, this.#deps.authority.publicKey)) {
        this.#deps.log?.write('info', 'ledger', 'The sealer closed this lane; moving to a new one', {
          lane,
          seq,
        });
      } else {
        this.#queue.push({
          said: prepare(alarm(written, there)),
          resolve: () => {},
          reject: () => {},
          patient: true,
        });
        this.#deps.log?.write('error', 'ledger', 'A record of this lane was replaced', { lane, seq });
      }
      return index;
    }
    return run.length;
  }

  #heard(sent: readonly Sent[]): void {
    const last = sent.at(-1)?.written.record;
    if (last === undefined) return;
    this.#head = { lane: last.lane, seq: last.seq };
    if (this.#failingSince !== null) this.#recovered();
    this.#failingSince = null;
    this.#deps.appended?.(sent.map(({ written }) => written));
    this.#deps.doorbell?.ring();
  }

  #failure(error: unknown): string {
    if (error instanceof HeldBack) return 'held';
    if (error instanceof ChanceryError && error.code === 'RECORD_TOO_LARGE') return 'too_large';
    if (!(error instanceof ChanceryError) || error.code !== 'LEDGER_UNAVAILABLE') return 'other';
    if (this.#closed) return 'closed';
    return this.#queue.length >= QUEUE_LIMIT ? 'full' : 'store';
  }

  /** The store is silent: everybody who waits is told now. Alarms stay, here and in what is unanswered. */
  #refuse(error: unknown): void {
    this.#failingSince ??= this.#deps.clock();
    for (const { reject, patient } of this.#queue) if (patient !== true) reject(error);
    this.#queue = this.#queue.filter(isPatient);
    this.#unanswered = this.#unanswered.map(({ written, waiting }) => {
      if (waiting === undefined || waiting.patient === true) return { written, waiting };
      waiting.reject(error);
      return { written };
    });
  }
}

function requireNoHold(type: string, standing: Standing | undefined): void {
  if (standing !== undefined && !mayPass(type, standing)) throw new HeldBack(standing);
}

const areSame = ({ b, s }: Signed, own: Item): boolean =>
  own.b instanceof Uint8Array && own.s instanceof Uint8Array && sameBytes(b, own.b) && sameBytes(s, own.s);

const isPatient = (waiting: Waiting): boolean => waiting.patient === true;

const alarm = ({ record, receipt }: WrittenRecord, there: Signed | undefined): Content => ({
  type: 'security.tamper_detected',
  trace: record.trace,
  data: {
    kind: 'lane_hijacked',
    lane: record.lane,
    seq: record.seq,
    expected_hash: receipt.record_hash,
    found_hash: there === undefined ? 'unreadable' : hex(recordHash(there)),
  } satisfies TamperNotice,
});
