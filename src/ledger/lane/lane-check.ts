/**
 * Checks one lane from its first record on: certificate, signature, place and link of every record. It is fed
 * in the order of the lane and keeps a hash and a few numbers, so a lane may be as long as it likes.
 */
import type { Verdict } from '../../terms.ts';
import {
  bodyHash,
  fromBase64,
  hex,
  NO_PREVIOUS,
  parseRecord,
  recordHash,
  type Signed,
  sameBytes,
} from '../bytes.ts';
import {
  type CheckSignatures,
  checkOnPool,
  importPublicKey,
  type ShownSignature,
  type VerifyingKey,
} from '../ed25519.ts';
import type { LedgerRecord } from '../record.ts';
import { type OwnSignature, ownSignature, sameSignature } from '../run-signature.ts';
import { areParts, isOfRun } from '../signature-form.ts';
import { nodesOfNeighbours } from '../tree/merkle.ts';
import type { Finding } from '../verdict.ts';
import { type AuthorityKey, certificateOf, checkCertificate, type LaneCertificate } from './certificate.ts';
import { isTombstone } from './tombstone.ts';

/** Whom a verifier believes. Everything else is derived. */
export interface LaneTrust {
  readonly origin?: string;
  readonly authorities: readonly AuthorityKey[];
}

/** What stands at a place: its signed bytes, or undefined when the item holds none. */
export interface Placed {
  readonly seq: number;
  readonly signed: Signed | undefined;
  /** What the caller made of these bytes already. */
  readonly read?: { readonly hash: Uint8Array; readonly record: LedgerRecord };
}

/** A place on its way through the check. */
interface Examined {
  readonly seq: number;
  readonly signed: Signed | undefined;
  readonly hash: Uint8Array;
  readonly record: LedgerRecord | undefined;
  /** It was checked elsewhere. */
  readonly known: boolean;
  readonly own: OwnSignature | undefined;
}

/** Every record that passed or failed, for those who build on the check (the sealer, the tree). */
export interface CheckedRecord {
  readonly seq: number;
  /** Nothing is wrong with it, and nothing was before it in this lane. */
  readonly ok: boolean;
  readonly signed: Signed | undefined;
  readonly hash: Uint8Array;
  readonly record: LedgerRecord | undefined;
}

const NO_HASH = new Uint8Array(32);

export interface LaneCheckOptions {
  /** The certificate as the directory has it. */
  readonly directory?: Signed;
  /** False: links and places only, enough for records that are known to be in a signed tree. */
  readonly signatures?: boolean;
  /** Who checks them; by default `node:crypto`, in the thread pool. */
  readonly check?: CheckSignatures;
  /** Records that were checked elsewhere, at this place: the tree holds these very bytes. They come back unparsed. */
  readonly isKnown?: (seq: number, hash: Uint8Array) => boolean;
  /** Records that a sealed pruning covers: they may be gone, all or some. */
  readonly mayBeGone?: (seq: number) => boolean;
  /** Goes on after records that were checked before. */
  readonly resume?: {
    readonly next: number;
    /** Link hash of the record before; undefined where it is not known, and the first link goes unchecked. */
    readonly prev: string | undefined;
  };
}

export class LaneCheck {
  readonly lane: number;
  readonly findings: Finding[] = [];
  readonly #trust: LaneTrust;
  readonly #signatures: boolean;
  readonly #check: CheckSignatures;
  readonly #isKnown: ((seq: number, hash: Uint8Array) => boolean) | undefined;
  readonly #mayBeGone: (seq: number) => boolean;
  readonly #nodeOf = nodesOfNeighbours();
  #certificate: LaneCertificate | undefined;
  #certificateText: Signed | undefined;
  #key: VerifyingKey | undefined;
  /** The first place that was not fed yet; `#next` follows when its signatures are checked. */
  #fed = 0;
  #next = 0;
  #entries = 0;
  /** Settles when everything that was fed is checked. */
  #checked: Promise<unknown> = Promise.resolve();
  /** Link hash of the record before `#next`, made when it is asked for; undefined when that one is bad: its link proves nothing. */
  #prev: (() => string) | undefined = () => NO_PREVIOUS;
  /** Of the record before, where it was parsed. */
  #time = '';
  #closedAt: number | undefined;
  #unreadable = false;
  /** Places with a genuine record of this lane that belongs elsewhere: place → its own seq. */
  readonly #misplaced = new Map<number, number>();
  readonly #bad = new Set<number>();

  constructor(lane: number, trust: LaneTrust, options: LaneCheckOptions = {}) {
    this.lane = lane;
    this.#trust = trust;
    this.#signatures = options.signatures ?? true;
    this.#check = options.check ?? checkOnPool;
    this.#isKnown = options.isKnown;
    this.#mayBeGone = options.mayBeGone ?? (() => false);
    this.#certificateText = options.directory;
    if (options.directory !== undefined) this.#trustCertificate(options.directory);
    if (options.resume === undefined) return;
    const { next, prev } = options.resume;
    [this.#fed, this.#next] = [next, next];
    this.#prev = prev === undefined ? undefined : () => prev;
  }

  get entries(): number {
    return this.#entries;
  }

  get certificate(): LaneCertificate | undefined {
    return this.#certificate;
  }

  get closed(): boolean {
    return this.#closedAt !== undefined;
  }

  /**
   * Feeds records in the order of their places. Signatures of a batch are checked on all cores. The next batch may be fed
   * before this one is answered, so that the cores have work while it is read: answers come in the order of the batches.
   * @param signatures of what is not known, where it is not as the check was made for
   */
  feed(given: readonly Placed[], signatures = this.#signatures): Promise<CheckedRecord[]> {
    const { batch, strays } = this.#inPlaces(given);
    const first = batch[0];
    if (first !== undefined && this.#entries === 0) this.#readFirst(first);
    this.#entries += batch.length;
    const examined = this.#unreadable ? [] : batch.map((placed) => this.#examine(placed, signatures));
    const genuine = signatures ? this.#areGenuine(examined) : examined.map(isReadable);
    const answer = Promise.all([genuine, this.#checked]).then(([genuine]) => {
      for (let stray = 0; stray < strays; stray += 1) this.findings.push(this.#stray());
      if (this.#unreadable) this.#next += batch.length;
      return examined.map((one, at) =>
        one.known && one.record === undefined
          ? this.#acceptKnown(one)
          : this.#accept(one, genuine[at] ?? false),
      );
    });
    // Whoever fed it hears of its failure; what was fed after it fails with it. The records are kept by nobody here.
    this.#checked = answer.then(() => undefined);
    this.#checked.catch(() => undefined);
    return answer;
  }

  #examine({ seq, signed, read }: Placed, signatures: boolean): Examined {
    const hash = read?.hash ?? (signed === undefined ? NO_HASH : recordHash(signed));
    const known = signed !== undefined && this.#isKnown?.(seq, hash) === true && areParts(signed.b, signed.s);
    const unread = signed === undefined || (known && !mayClose(signed));
    const record = unread ? undefined : (read?.record ?? parseRecord(signed.b));
    const own = known || signed === undefined || !signatures ? undefined : ownSignature(signed, this.#nodeOf);
    return { seq, signed, hash, known, record, own };
  }

  /** What was checked elsewhere, at this very place, is not parsed again: only what follows it needs its hash. */
  #acceptKnown(known: Examined): CheckedRecord {
    const { seq, signed, hash } = known;
    if (seq > this.#next) this.#gap(this.#next, seq - 1);
    if (this.#closedAt !== undefined)
      this.#find(this.#another, seq, `the lane was closed at ${this.#closedAt} and goes on here`);
    this.#next = seq + 1;
    this.#prev = () => linkOf(known);
    return { seq, ok: this.#sound, signed, hash, record: undefined };
  }

  /** Two genuine histories are a fork. Where no signature was looked at, anybody may have written one of them. */
  get #another(): Verdict {
    return this.#signatures ? 'FORK' : 'MODIFIED';
  }

  get #sound(): boolean {
    return this.findings.length === 0 && this.#misplaced.size === 0;
  }

  /** Without items under keys that are no place, or that sort before what was read: nobody's records. */
  #inPlaces(given: readonly Placed[]): { batch: readonly Placed[]; strays: number } {
    const batch = given.filter(({ seq }) => {
      if (seq < this.#fed) return false;
      this.#fed = seq + 1;
      return true;
    });
    return { batch, strays: given.length - batch.length };
  }

  #stray(): Finding {
    return { verdict: 'FORMAT', lane: this.lane, detail: 'an item stands under a key that is no place' };
  }

  /** After the last record: what the whole lane shows that no single record does. */
  end(): readonly Finding[] {
    if (this.#next === 0 && this.#entries === 0) {
      this.#find('MISSING', 0, 'the directory names this lane and nothing of it is left');
      return this.findings;
    }
    this.#explainMisplaced();
    return this.findings;
  }

  #trustCertificate(signed: Signed): void {
    const check = checkCertificate(signed, this.lane, this.#trust.authorities, this.#trust.origin);
    if (!check.ok) return;
    this.#certificate = check.certificate;
    this.#key = check.key;
  }

  /** The link hash that the next record must name; undefined after a bad one. */
  get prev(): string | undefined {
    return this.#prev?.();
  }

  /** Record 0 and the directory must tell the same certificate; either can stand in when the other is damaged. */
  #readFirst(first: Placed): void {
    const record = first.signed === undefined ? undefined : parseRecord(first.signed.b);
    const own = first.seq === 0 && record !== undefined ? certificateOf(record) : undefined;
    if (own !== undefined && this.#key === undefined) this.#trustCertificate(own);
    if (this.#key === undefined) {
      const tried = own ?? this.#certificateText;
      const check =
        tried === undefined
          ? undefined
          : checkCertificate(tried, this.lane, this.#trust.authorities, this.#trust.origin);
      if (check === undefined || check.ok)
        this.#find('MISSING', 0, 'no certificate is left to check this lane by');
      else this.#find(check.verdict, 0, check.detail);
      this.#unreadable = true;
      return;
    }
    const listed = this.#certificateText;
    if (listed === undefined || own === undefined || sameBoth(listed, own)) return;
    // Record 0 is checked under the lane's key below; here only the directory's copy can be at fault.
    const check = checkCertificate(listed, this.lane, this.#trust.authorities, this.#trust.origin);
    if (!check.ok) this.#find('MODIFIED', 0, `the directory entry of this lane was changed: ${check.detail}`);
  }

  /** Which of these records were signed by whoever may sign them. */
  async #areGenuine(examined: readonly Examined[]): Promise<readonly boolean[]> {
    const asked: ShownSignature[] = [];
    const questions = examined.map((one) =>
      this.#signaturesOf(one).map((own) => {
        const last = asked.at(-1);
        // Records of one run lie side by side: it is asked about once.
        if (last?.key !== own.key || !sameSignature(last, own)) asked.push(own);
        return asked.length - 1;
      }),
    );
    const answers = await this.#check(asked);
    return examined.map(
      ({ known }, at) => known || questions[at]?.some((question) => answers[question] === true) === true,
    );
  }

  /** Any of these makes the record genuine. A tombstone is the authority's word, under a key that is trusted for this lane. */
  #signaturesOf({ record, own }: Examined): readonly ShownSignature[] {
    if (own === undefined) return [];
    const keys =
      record !== undefined && isTombstone(record)
        ? this.#trust.authorities.map(({ public_key }) => importPublicKey(fromBase64(public_key)))
        : [this.#key];
    return keys.flatMap((key) => (key === undefined ? [] : [{ ...own, key }]));
  }

  #accept(examined: Examined, genuine: boolean): CheckedRecord {
    const { seq, signed, hash, record } = examined;
    if (seq > this.#next) this.#gap(this.#next, seq - 1);
    this.#next = seq + 1;
    const { prev } = this;
    this.#prev = undefined;
    if (signed === undefined) this.#spoil(seq, 'FORMAT', 'the item holds no signed bytes');
    else if (!genuine) this.#spoil(seq, 'MODIFIED', 'the signature does not match the bytes');
    else if (record === undefined) this.#spoil(seq, 'FORMAT', 'the signed bytes are no record');
    else if (record.lane !== this.lane)
      this.#spoil(seq, 'MODIFIED', `a record of lane ${record.lane} stands here`);
    else if (record.seq !== seq) this.#misplaced.set(seq, record.seq);
    else {
      this.#prev = () => linkOf(examined);
      if (this.#closedAt !== undefined) {
        this.#find(this.#another, seq, `the lane was closed at ${this.#closedAt} and goes on here`);
      } else if (prev !== undefined && record.prev !== prev) {
        this.#find(this.#another, seq, 'this record follows another record than the one before it');
      }
      if (record.time < this.#time)
        this.#find('FORMAT', seq, 'its time is before that of the record before it');
      this.#time = record.time;
      if (record.type === 'ledger.lane_closed') this.#closedAt ??= seq;
    }
    return { seq, ok: this.#sound, signed, hash, record };
  }

  /** A genuine record in a wrong place was moved, repeated, or moved up because one before it is gone. */
  #explainMisplaced(): void {
    const present = new Set(this.#misplaced.values());
    const gone = [...this.#misplaced.keys()].filter((seq) => !present.has(seq));
    const moved = [...this.#misplaced].filter(
      ([, own]) => own >= this.#next || this.#misplaced.has(own) || this.#bad.has(own),
    );
    for (const [seq, own] of this.#misplaced) {
      const original = own < this.#next && !this.#misplaced.has(own) && !this.#bad.has(own);
      if (original) this.#find('DUPLICATE', seq, `record ${own} stands here a second time`);
    }
    const lost = gone.filter((seq) => moved.some(([place]) => place === seq));
    if (lost.length > 0) {
      for (const seq of lost)
        this.#find('MISSING', seq, 'this record is gone and others were moved into its place');
      return;
    }
    for (const [seq, own] of moved)
      this.#find('MODIFIED', seq, `record ${own} stands here: the order was changed`);
  }

  #gap(from: number, to: number): void {
    this.#prev = undefined;
    // A pruning covers a lane from its beginning on: what covers the last covers all.
    if (this.#mayBeGone(to)) return;
    for (let seq = from; seq <= Math.min(to, from + 1_000); seq += 1) this.#bad.add(seq);
    this.#find(
      'MISSING',
      from,
      from === to ? 'this record is not there' : `records ${from} to ${to} are not there`,
    );
  }

  #spoil(seq: number, verdict: Verdict, detail: string): void {
    this.#bad.add(seq);
    this.#find(verdict, seq, detail);
  }

  #find(verdict: Verdict, seq: number, detail: string): void {
    this.findings.push({ verdict, lane: this.lane, seq, detail });
  }
}

/** All that can be said of a record where no signature is looked at. */
const isReadable = ({ signed, record, known }: Examined): boolean =>
  known || (signed !== undefined && record !== undefined);

/** By what was made of the record already. */
const linkOf = ({ signed, hash, own }: Examined): string =>
  hex(signed !== undefined && isOfRun(signed.b) ? (own?.leaf ?? bodyHash(signed.b)) : hash);

const CLOSED = Buffer.from('"ledger.lane_closed"');
/** Only such a record says something of those that come after it. */
const mayClose = ({ b }: Signed): boolean => Buffer.from(b.buffer, b.byteOffset, b.length).includes(CLOSED);

const sameBoth = (left: Signed, right: Signed): boolean =>
  sameBytes(left.b, right.b) && sameBytes(left.s, right.s);
