/**
 * One lane's pen: the key pair in memory, the next place, the hash of the last record. It builds records and
 * touches no store. The private key exists only here and is never written anywhere.
 */
import { isoTime } from '../../basics/iso-time.ts';
import type { Clock, Ids, Item, Random, Signer } from '../../ports.ts';
import { base64, hex, NO_PREVIOUS, recordBytes, recordHash, recordItem, type Signed } from '../bytes.ts';
import { type KeyPair, keyPairFromSeed, type MakeKeyPair } from '../ed25519.ts';
import type { LedgerRecord, Receipt, Sealed } from '../record.ts';
import { certificateData, type LaneCertificate, LEASE_MS, signCertificate } from './certificate.ts';

export interface WriterDeps {
  readonly authority: Signer;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  /** The log's name: first line of its checkpoints, e.g. `chancery.example.org/prod`. */
  readonly origin: string;
  readonly code: string;
  readonly region: string;
  readonly max_merge_delay_seconds: number;
  /** By whom lanes sign; by default `node:crypto`. */
  readonly keyPair?: MakeKeyPair;
  /** The newest checkpoint known here, for the certificate. */
  readonly checkpoint?: () => Promise<{ size: number; root: string } | undefined>;
}

/** What a record says besides its place; the subject is a pseudonym and personal fields are sealed already. */
export type Content = Pick<LedgerRecord, 'type' | 'trace' | 'data'> &
  Partial<Pick<LedgerRecord, 'after' | 'subject' | 'meta' | 'labels'>> & { readonly personal?: Sealed };

export interface WrittenRecord {
  readonly item: Item;
  readonly record: LedgerRecord;
  readonly receipt: Receipt;
  /** Size of the signed bytes. */
  readonly bytes: number;
}

const SYSTEM_TRACE = '0'.repeat(32);

export class LaneWriter {
  readonly lane: number;
  readonly certificate: LaneCertificate;
  readonly #pair: KeyPair;
  readonly #deps: WriterDeps;
  #seq = 0;
  #prev = NO_PREVIOUS;
  #time: number;
  #certificateHash = '';

  private constructor(pair: KeyPair, certificate: LaneCertificate, deps: WriterDeps) {
    this.lane = certificate.lane;
    this.certificate = certificate;
    this.#pair = pair;
    this.#deps = deps;
    this.#time = Date.parse(certificate.start);
  }

  /** A new key pair with its certificate for `lane`, and record 0 ready to be stored. */
  static async open(
    lane: number,
    deps: WriterDeps,
  ): Promise<{ writer: LaneWriter; certificate: Signed; first: WrittenRecord }> {
    const pair = (deps.keyPair ?? keyPairFromSeed)(deps.random(32));
    const start = deps.clock();
    const checkpoint = await deps.checkpoint?.();
    const certificate: LaneCertificate = {
      kind: 'lane-certificate',
      v: 1,
      origin: deps.origin,
      lane,
      id: deps.ids('lane'),
      public_key: base64(pair.publicKey),
      code: deps.code,
      region: deps.region,
      start: new Date(start).toISOString(),
      lease_until: new Date(start + LEASE_MS).toISOString(),
      ...(checkpoint === undefined ? {} : { checkpoint }),
    };
    const signed = await signCertificate(certificate, deps.authority);
    const writer = new LaneWriter(pair, certificate, deps);
    const first = writer.write({
      type: 'ledger.lane_opened',
      trace: SYSTEM_TRACE,
      data: certificateData(signed),
    });
    return { writer, certificate: signed, first };
  }

  get leaseUntil(): number {
    return Date.parse(this.certificate.lease_until);
  }

  /** The next record. When this throws (too large, no canonical form) the place stays free. */
  write(content: Content, deltas?: (lane: number, seq: number) => string | undefined): WrittenRecord {
    // Times never go back within a lane, whatever the machine's clock does: readers merge lanes by time.
    const time = Math.max(this.#time, this.#deps.clock());
    const record: LedgerRecord = {
      v: 1,
      lane: this.lane,
      seq: this.#seq,
      prev: this.#prev,
      time: isoTime(time),
      ...content,
    };
    const b = recordBytes(record);
    const signed = { b, s: this.#pair.sign(b) };
    const record_hash = hex(recordHash(signed));
    if (this.#seq === 0) this.#certificateHash = record_hash;
    const plain = recordItem(this.lane, this.#seq, signed);
    const t = deltas?.(this.lane, this.#seq);
    const item: Item = t === undefined ? plain : { ...plain, pk: plain.pk, sk: plain.sk, t };
    const receipt: Receipt = {
      id: `${this.lane}.${this.#seq}`,
      lane: this.lane,
      seq: this.#seq,
      record_hash,
      signature: base64(signed.s),
      certificate_hash: this.#certificateHash,
      time: record.time,
      max_merge_delay_seconds: this.#deps.max_merge_delay_seconds,
    };
    this.#seq += 1;
    this.#prev = record_hash;
    this.#time = time;
    return { item, record, receipt, bytes: b.length };
  }

  /** The lane's own last word, at shutdown or when its lease ends. */
  close(reason: 'shutdown' | 'lease'): WrittenRecord {
    return this.write({ type: 'ledger.lane_closed', trace: SYSTEM_TRACE, data: { reason } });
  }
}
