/**
 * The whole verification: heads, tree, every lane as the tree tells it, and the store held against the tree.
 * Works on a running ledger, a copy, or an export that has the log alone. What it may say is in `verdict.ts`.
 */
import { hex } from '../bytes.ts';
import type { CheckSignatures } from '../ed25519.ts';
import type { CheckedRecord } from '../lane/lane-check.ts';
import { checkLanes, type LaneSource } from '../lane/verify-lanes.ts';
import type { Receipt } from '../record.ts';
import type { Trust } from '../trust.ts';
import { conclude, type Finding, type Verification } from '../verdict.ts';
import { Erasures, type TryKey } from './erased.ts';
import { findHeads, type Heads, type LogFiles } from './heads-check.ts';
import { Prunings } from './pruned.ts';
import { SealedLanes } from './sealed-lanes.ts';
import { checkTree } from './tree-check.ts';

export interface LedgerFiles extends LogFiles {
  /** The store; absent in an export. */
  readonly lanes?: LaneSource;
  /** Tries a subject's key on a box; absent where the key table is. */
  readonly tryKey?: TryKey;
}

export interface LogVerifyOptions {
  /** Milliseconds since the epoch: how old unsealed records are. */
  readonly now: number;
  /** Demands a cosignature not older than this. */
  readonly maxAgeSeconds?: number;
  /** A checkpoint that somebody kept: what it signed must still stand, though everything here were rolled back. */
  readonly since?: string;
  /** Receipts that somebody kept: what they promise must be there. */
  readonly receipts?: readonly Receipt[];
  /**
   * False: of what is sealed hashes and links only; the roots still bind every byte to the signed checkpoint. What is not sealed has
   * nothing but its signature, which is looked at in either case.
   */
  readonly signatures?: boolean;
  /** Who checks them; by default `node:crypto`. */
  readonly check?: CheckSignatures;
  /** Gives up when it fires: what was verified by then says nothing of the rest. Throws its reason. */
  readonly signal?: AbortSignal;
}

/** A verification, and whether what it leaves pending is still within the merge delay. */
export interface LedgerVerification extends Verification {
  readonly within_merge_delay: boolean;
}

export async function verifyLedger(
  files: LedgerFiles,
  trust: Trust,
  options: LogVerifyOptions,
): Promise<LedgerVerification> {
  const { signatures = true, check, signal } = options;
  const erasures = new Erasures();
  const prunings = new Prunings();
  const sealed = new SealedLanes(trust, {
    signatures,
    check,
    seen: (record) => {
      erasures.see(record);
      prunings.see(record);
    },
  });
  // The checkpoint first, the store after: what is sealed then is in the store now, never the other way round.
  const heads = await findHeads(files, trust, options);
  const tree = await checkTree(files, heads, (bundle) => {
    signal?.throwIfAborted();
    return sealed.take(bundle);
  });
  const findings: Finding[] = [...heads.findings, ...heads.gone, ...tree.findings, ...(await sealed.end())];
  if (tree.complete) findings.push(...(await lockFindings(files, sealed, heads)));

  const store = new StoreCheck(sealed, prunings, { receipts: options.receipts ?? [], signatures });
  const sealedEntries = heads.newest?.size ?? 0;
  let [entries, lanes] = [sealedEntries, sealed.hashes.size];
  if (files.lanes !== undefined) {
    const results = await checkLanes(files.lanes, trust, {
      signatures,
      ...(check === undefined ? {} : { check }),
      isKnown: (lane, seq, hash) => sealed.hashes.get(lane)?.is(seq, hash) === true,
      isSealed: (lane) => sealed.hashes.has(lane),
      mayBeGone: (lane, seq) => sealed.hashes.has(lane) && prunings.covers(lane, seq),
      startsAt: (lane, first) => prunings.startOf(lane, first, sealed.hashes.get(lane)),
      seen: (lane, record) => {
        signal?.throwIfAborted();
        store.see(lane, record);
        if (record.record !== undefined && !store.isShown(lane, record.seq)) erasures.see(record.record);
      },
    });
    findings.push(...results.findings, ...store.end());
    entries = Math.max(results.entries, sealedEntries + store.pending);
    lanes = Math.max(lanes, results.lanes);
  }
  findings.push(...store.broken(options.receipts ?? []));
  const { tryKey } = files;
  const trying =
    tryKey &&
    (async (box: Parameters<TryKey>[0]) => {
      signal?.throwIfAborted();
      return tryKey(box);
    });
  findings.push(...(await erasures.findings(trying)));
  const age = store.oldest === undefined ? 0 : Math.max(0, options.now - Date.parse(store.oldest)) / 1_000;
  // Of a tree that could not be read to its end nobody can say what waits for it.
  if (store.pending > 0 && tree.complete) {
    const detail = `${store.pending} records wait for the tree, the oldest for ${age.toFixed(1)} s`;
    findings.push({ verdict: 'PENDING', detail });
  }
  return {
    ...conclude({ entries, lanes, tree_size: sealedEntries }, withoutTwins(findings)),
    within_merge_delay: age <= trust.max_merge_delay_seconds,
  };
}

/** What shows in the tree, in the lane and in the store is one change: it is told once. */
function withoutTwins(findings: readonly Finding[]): Finding[] {
  const told = new Set<string>();
  return findings.filter(({ verdict, lane, seq }) => {
    if (lane === undefined || verdict === 'ERASED') return true;
    const place = `${lane}.${seq}`;
    const isNew = !told.has(place);
    told.add(place);
    return isNew;
  });
}

/** The lock must not say that a lane is further, or less far, in the tree than it is: records would be skipped. */
async function lockFindings(files: LedgerFiles, sealed: SealedLanes, { newest }: Heads): Promise<Finding[]> {
  const lock = await files.lock?.().catch(() => undefined);
  if (lock === undefined || newest === undefined || lock.size !== newest.size) return [];
  const wrong = (lane: number, seq: number, detail: string): Finding => ({
    verdict: 'MODIFIED',
    lane,
    seq,
    detail: `the lock says that ${detail}`,
  });
  const findings: Finding[] = [];
  for (const [lane, { next }] of lock.lanes) {
    const count = sealed.hashes.get(lane)?.length ?? 0;
    if (count !== next)
      findings.push(
        wrong(lane, Math.min(count, next), `${next} records of this lane are sealed, and ${count} are`),
      );
  }
  const last = Math.max(0, ...sealed.hashes.keys());
  for (const [lane, { length }] of sealed.hashes)
    if (!lock.lanes.has(lane) && !sealed.isClosed(lane))
      findings.push(wrong(lane, length, 'this lane is sealed to its end, and it was never closed'));
  if (lock.last_lane > last)
    findings.push(
      wrong(last + 1, 0, `lanes up to ${lock.last_lane} are known to it, and ${last} are sealed`),
    );
  return findings;
}

/** Holds the store against the tree: every sealed record must still be there, the same. */
class StoreCheck {
  pending = 0;
  oldest: string | undefined;
  readonly #sealed: SealedLanes;
  readonly #prunings: Prunings;
  readonly #signatures: boolean;
  readonly #next = new Map<number, number>();
  /** Places of receipts → hash of what the store has there. */
  readonly #promised = new Map<string, string | undefined>();
  readonly #findings: Finding[] = [];

  constructor(
    sealed: SealedLanes,
    prunings: Prunings,
    { receipts, signatures }: { readonly receipts: readonly Receipt[]; readonly signatures: boolean },
  ) {
    this.#signatures = signatures;
    for (const { id } of receipts) this.#promised.set(id, undefined);
    this.#sealed = sealed;
    this.#prunings = prunings;
  }

  isSealed(lane: number, seq: number): boolean {
    return seq < (this.#sealed.hashes.get(lane)?.length ?? 0);
  }

  /** Whether the tree was seen to hold a record there. */
  isShown(lane: number, seq: number): boolean {
    return this.#sealed.hashes.get(lane)?.knows(seq) === true;
  }

  see(lane: number, { seq, ok, hash, record }: CheckedRecord): void {
    this.#next.set(lane, seq + 1);
    if (this.#promised.has(`${lane}.${seq}`)) this.#promised.set(`${lane}.${seq}`, hex(hash));
    if (!this.isSealed(lane, seq)) {
      this.pending += 1;
      if (record !== undefined && (this.oldest === undefined || record.time < this.oldest))
        this.oldest = record.time;
    } else if (ok && this.isShown(lane, seq) && this.#sealed.hashes.get(lane)?.is(seq, hash) !== true) {
      this.#findings.push({
        verdict: this.#signatures ? 'FORK' : 'MODIFIED',
        lane,
        seq,
        detail: this.#signatures
          ? 'the lane signed one record in the store and another in the tree'
          : 'one record is in the store and another in the tree; whether its lane signed both was not looked at',
      });
    }
  }

  /** Receipts whose record is neither in the tree nor in the store, or is another one there. */
  broken(receipts: readonly Receipt[]): Finding[] {
    return receipts.flatMap(({ id, lane, seq, record_hash }): Finding[] => {
      const sealed = this.#sealed.hashes.get(lane);
      const found = sealed?.knows(seq) === true ? hex(sealed.at(seq)) : this.#promised.get(id);
      if (found === record_hash) return [];
      return found === undefined
        ? [
            {
              verdict: 'MISSING',
              lane,
              seq,
              detail: 'somebody holds a receipt for this record, and it is not there',
            },
          ]
        : [
            {
              verdict: 'FORK',
              lane,
              seq,
              detail: 'somebody holds a receipt for another record at this place',
            },
          ];
    });
  }

  end(): readonly Finding[] {
    for (const [lane, hashes] of this.#sealed.hashes) {
      const next = this.#next.get(lane) ?? 0;
      if (next >= hashes.length || this.#prunings.covers(lane, hashes.length - 1)) continue;
      const what =
        next === 0 ? 'this lane is' : `the records of this lane from here to ${hashes.length - 1} are`;
      this.#findings.push({
        verdict: next === 0 ? 'MISSING' : 'TRUNCATED',
        lane,
        seq: next,
        detail: `${what} in the tree and not in the store`,
      });
    }
    return this.#findings;
  }
}
