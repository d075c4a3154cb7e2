/**
 * One lane's pen: the key pair in memory, the next place, the hash of the last record. It builds records and
 * touches no store. The private key exists only here and is never written anywhere.
 */
import { isoTime } from '../../basics/iso-time.ts';
import type { Clock, Ids, Item, Random, Signer } from '../../ports.ts';
import { base64, bodyHash, hex, NO_PREVIOUS, recordHash, recordItem, type Signed } from '../bytes.ts';
import { type KeyPair, keyPairFromSeed, type MakeKeyPair } from '../ed25519.ts';
import type { LedgerRecord, Receipt } from '../record.ts';
import { signRun } from '../run-signature.ts';
import { certificateData, type LaneCertificate, LEASE_MS, signCertificate } from './certificate.ts';
import { bytesAt, type Content, type Prepared, prepare } from './content.ts';

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

export interface WrittenRecord {
  readonly item: Item;
  readonly record: LedgerRecord;
  readonly receipt: Receipt;
  /** Size of the signed bytes. */
  readonly bytes: number;
}

/** Records on their way to one signature. */
export interface LaneRun {
  /** The next one; the size of its bytes. When this throws (too large) the run is as it was. */
  add(said: Prepared): number;
  /** All that were added, in their order; none where none was. Once. */
  sign(): readonly WrittenRecord[];
}

/** In-process figures for the item of this place, if it is their turn. */
export type Deltas = (lane: number, seq: number) => string | undefined;

/** Where the lane goes on. */
interface Next {
  readonly seq: number;
  readonly prev: string;
  /** Of the record before. */
  readonly time: number;
}

/** A record without its signature. */
interface Draft {
  readonly record: LedgerRecord;
  readonly time: number;
  readonly b: Uint8Array;
  readonly t: string | undefined;
}

/** Where the lane is after this record. */
const after = ({ record, time }: Draft, prev: string): Next => ({ seq: record.seq + 1, prev, time });

const SYSTEM_TRACE = '0'.repeat(32);

export class LaneWriter {
  readonly lane: number;
  readonly certificate: LaneCertificate;
  readonly #pair: KeyPair;
  readonly #deps: WriterDeps;
  #place: Next;
  #certificateHash = '';

  private constructor(pair: KeyPair, certificate: LaneCertificate, deps: WriterDeps) {
    this.lane = certificate.lane;
    this.certificate = certificate;
    this.#pair = pair;
    this.#deps = deps;
    this.#place = { seq: 0, prev: NO_PREVIOUS, time: Date.parse(certificate.start) };
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

  /** The next record, signed alone. When this throws (too large, no canonical form) the place stays free. */
  write(content: Content, deltas?: Deltas): WrittenRecord {
    return this.#alone(prepare(content), deltas);
  }

  #alone(said: Prepared, deltas: Deltas | undefined): WrittenRecord {
    const draft = this.#draft(1, this.#place, said, deltas);
    const written = this.#written(draft, this.#pair.sign(draft.b));
    if (draft.record.seq === 0) this.#certificateHash = written.receipt.record_hash;
    this.#place = after(draft, written.receipt.record_hash);
    return written;
  }

  /** The next records, each signed alone or all with one signature: then the lane is where it was until they are signed. */
  begin(how: 'alone' | 'together', deltas?: Deltas): LaneRun {
    return how === 'alone' ? this.#eachAlone(deltas) : this.#together(deltas);
  }

  #eachAlone(deltas: Deltas | undefined): LaneRun {
    const written: WrittenRecord[] = [];
    return {
      add: (said) => {
        const own = this.#alone(said, deltas);
        written.push(own);
        return own.bytes;
      },
      sign: () => written,
    };
  }

  #together(deltas: Deltas | undefined): LaneRun {
    const drafts: Draft[] = [];
    const leaves: Uint8Array[] = [];
    let place = this.#place;
    return {
      add: (said) => {
        const draft = this.#draft(2, place, said, deltas);
        const leaf = bodyHash(draft.b);
        drafts.push(draft);
        leaves.push(leaf);
        place = after(draft, hex(leaf));
        return draft.b.length;
      },
      sign: () => {
        if (leaves.length === 0) return [];
        const signatures = signRun(leaves, this.#pair);
        const written = drafts.flatMap((draft, at) => {
          const s = signatures[at];
          return s === undefined ? [] : [this.#written(draft, s)];
        });
        this.#place = place;
        return written;
      },
    };
  }

  #draft(v: LedgerRecord['v'], { seq, prev, time: last }: Next, said: Prepared, deltas?: Deltas): Draft {
    // Times never go back within a lane, whatever the machine's clock does: readers merge lanes by time.
    const time = Math.max(last, this.#deps.clock());
    const place = { v, lane: this.lane, seq, prev, time: isoTime(time) };
    const b = bytesAt(said, place);
    return { record: { ...place, ...said.content }, time, b, t: deltas?.(this.lane, seq) };
  }

  #written({ record, b, t }: Draft, s: Uint8Array): WrittenRecord {
    const { lane, seq, time } = record;
    const signed = { b, s };
    const record_hash = hex(recordHash(signed));
    const plain = recordItem(lane, seq, signed);
    const item: Item = t === undefined ? plain : { ...plain, pk: plain.pk, sk: plain.sk, t };
    const receipt: Receipt = {
      id: `${lane}.${seq}`,
      lane,
      seq,
      record_hash,
      signature: base64(s),
      certificate_hash: seq === 0 ? record_hash : this.#certificateHash,
      time,
      max_merge_delay_seconds: this.#deps.max_merge_delay_seconds,
    };
    return { item, record, receipt, bytes: b.length };
  }

  /** The lane's own last word, at shutdown or when its lease ends. */
  close(reason: 'shutdown' | 'lease'): WrittenRecord {
    return this.write({ type: 'ledger.lane_closed', trace: SYSTEM_TRACE, data: { reason } });
  }
}
