/**
 * Checks one lane from its first record on: certificate, signature, place and link of every record. It is fed
 * in the order of the lane and keeps a hash and a few numbers, so a lane may be as long as it likes.
 */
import { type KeyObject, verify } from 'node:crypto';
import type { Verdict } from '../../terms.ts';
import { hex, NO_PREVIOUS, parseRecord, recordHash, type Signed, sameBytes } from '../bytes.ts';
import { importPublicKey } from '../ed25519.ts';
import type { LedgerRecord } from '../record.ts';
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
  /** Records that were checked elsewhere, at this place: the tree holds these very bytes. They come back unparsed. */
  readonly isKnown?: (seq: number, hash: Uint8Array) => boolean;
  /** Goes on after records that were checked before. */
  readonly resume?: { readonly next: number; readonly prev: string };
}

export class LaneCheck {
  readonly lane: number;
  readonly findings: Finding[] = [];
  readonly #trust: LaneTrust;
  readonly #signatures: boolean;
  readonly #isKnown: ((seq: number, hash: Uint8Array) => boolean) | undefined;
  #certificate: LaneCertificate | undefined;
  #certificateText: Signed | undefined;
  #key: KeyObject | undefined;
  #next = 0;
  #entries = 0;
  /** Hash of the record before `#next`; undefined when that one is bad, because then its link proves nothing. */
  #prev: string | undefined = NO_PREVIOUS;
  #closedAt: number | undefined;
  #unreadable = false;
  /** Places with a genuine record of this lane that belongs elsewhere: place → its own seq. */
  readonly #misplaced = new Map<number, number>();
  readonly #bad = new Set<number>();

  constructor(lane: number, trust: LaneTrust, options: LaneCheckOptions = {}) {
    this.lane = lane;
    this.#trust = trust;
    this.#signatures = options.signatures ?? true;
    this.#isKnown = options.isKnown;
    this.#certificateText = options.directory;
    if (options.directory !== undefined) this.#trustCertificate(options.directory);
    if (options.resume !== undefined) [this.#next, this.#prev] = [options.resume.next, options.resume.prev];
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

  /** Feeds records in the order of their places. Signatures of a batch are checked on all cores. */
  async feed(given: readonly Placed[]): Promise<CheckedRecord[]> {
    const batch = this.#inPlaces(given);
    const first = batch[0];
    if (first !== undefined && this.#entries === 0) this.#readFirst(first);
    this.#entries += batch.length;
    if (this.#unreadable) {
      this.#next += batch.length;
      return [];
    }
    const hashes = batch.map(({ signed }) => (signed === undefined ? NO_HASH : recordHash(signed)));
    const known = batch.map(({ seq }, index) => this.#isKnown?.(seq, hashes[index] ?? NO_HASH) === true);
    const records = batch.map(({ signed }, index) =>
      signed === undefined || (known[index] === true && !mayClose(signed))
        ? undefined
        : parseRecord(signed.b),
    );
    const genuine = await Promise.all(
      batch.map(({ signed }, index) => known[index] === true || this.#isGenuine(signed, records[index])),
    );
    return batch.map((placed, index) => {
      const hash = hashes[index] ?? NO_HASH;
      return known[index] === true && records[index] === undefined
        ? this.#acceptKnown(placed, hash)
        : this.#accept(placed, hash, records[index], genuine[index] ?? false);
    });
  }

  /** What was checked elsewhere, at this very place, is not parsed again: only what follows it needs its hash. */
  #acceptKnown({ seq, signed }: Placed, hash: Uint8Array): CheckedRecord {
    if (seq > this.#next) this.#gap(this.#next, seq - 1);
    if (this.#closedAt !== undefined)
      this.#find('FORK', seq, `the lane was closed at ${this.#closedAt} and goes on here`);
    this.#next = seq + 1;
    this.#prev = hex(hash);
    return { seq, ok: this.#sound, signed, hash, record: undefined };
  }

  get #sound(): boolean {
    return this.findings.length === 0 && this.#misplaced.size === 0;
  }

  /** Without items under keys that are no place, or that sort before what was read: nobody's records. */
  #inPlaces(given: readonly Placed[]): readonly Placed[] {
    let next = this.#next;
    return given.filter(({ seq }) => {
      if (seq < next) {
        this.findings.push({
          verdict: 'FORMAT',
          lane: this.lane,
          detail: 'an item stands under a key that is no place',
        });
        return false;
      }
      next = seq + 1;
      return true;
    });
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

  /** The hash that the next record must name; undefined after a bad one. */
  get prev(): string | undefined {
    return this.#prev;
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

  async #isGenuine(signed: Signed | undefined, record: LedgerRecord | undefined): Promise<boolean> {
    if (signed === undefined) return false;
    if (!this.#signatures) return record !== undefined;
    if (record !== undefined && isTombstone(record)) return this.#isAuthentic(signed);
    return this.#key !== undefined && verifyOnPool(this.#key, signed);
  }

  /** A tombstone is the authority's word, under a key that is trusted for this lane. */
  async #isAuthentic(signed: Signed): Promise<boolean> {
    for (const { public_key } of this.#trust.authorities) {
      const key = importPublicKey(new Uint8Array(Buffer.from(public_key, 'base64')));
      if (key !== undefined && (await verifyOnPool(key, signed))) return true;
    }
    return false;
  }

  #accept(
    { seq, signed }: Placed,
    hash: Uint8Array,
    record: LedgerRecord | undefined,
    genuine: boolean,
  ): CheckedRecord {
    if (seq > this.#next) this.#gap(this.#next, seq - 1);
    this.#next = seq + 1;
    const prev = this.#prev;
    this.#prev = undefined;
    if (signed === undefined) this.#spoil(seq, 'FORMAT', 'the item holds no signed bytes');
    else if (!genuine) this.#spoil(seq, 'MODIFIED', 'the signature does not match the bytes');
    else if (record === undefined) this.#spoil(seq, 'FORMAT', 'the signed bytes are no record');
    else if (record.lane !== this.lane)
      this.#spoil(seq, 'MODIFIED', `a record of lane ${record.lane} stands here`);
    else if (record.seq !== seq) this.#misplaced.set(seq, record.seq);
    else {
      this.#prev = hex(hash);
      if (this.#closedAt !== undefined) {
        this.#find('FORK', seq, `the lane was closed at ${this.#closedAt} and goes on here`);
      } else if (prev !== undefined && record.prev !== prev) {
        this.#find('FORK', seq, 'this record follows another record than the one before it');
      }
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

const CLOSED = Buffer.from('"ledger.lane_closed"');
/** Only such a record says something of those that come after it. */
const mayClose = ({ b }: Signed): boolean => Buffer.from(b.buffer, b.byteOffset, b.length).includes(CLOSED);

const sameBoth = (left: Signed, right: Signed): boolean =>
  sameBytes(left.b, right.b) && sameBytes(left.s, right.s);

/** On libuv's thread pool: a batch uses every core and the event loop stays free. */
const verifyOnPool = (key: KeyObject, { b, s }: Signed): Promise<boolean> =>
  new Promise((resolve) => {
    verify(null, b, key, s, (error, valid) => resolve(error === null && valid));
  });
