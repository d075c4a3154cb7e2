/**
 * Group commit for one SQLite connection: what arrives while the event loop is busy is written in one
 * transaction, so that one fsync serves many callers and each still gets its own result.
 */
import type { DatabaseSync } from 'node:sqlite';
import { ChanceryError } from '../../src/errors.ts';
import { withReason } from './why.ts';

/**
 * A crowd gathers for so many times what its last transaction took: then the disk has the process for a third of the
 * time at most, and requests have the rest.
 */
const MOST_GATHERED = 2;

interface Waiting {
  /** Does the SQL and returns what tells the caller, once it is durable. */
  readonly work: () => () => void;
  /** It need not last before the next work that does not wait. */
  readonly waits: boolean;
  readonly reject: (error: unknown) => void;
}

interface UnderWay {
  readonly batch: readonly Waiting[];
  readonly tell: readonly (() => void)[];
  /** Resolves when it is durable, or known not to be. */
  readonly durable: Promise<void>;
  readonly release: () => void;
}

export function unavailable(cause: unknown, detail = 'The embedded store did not answer'): ChanceryError {
  return new ChanceryError('STORE_UNAVAILABLE', withReason(detail, cause), { cause });
}

/** Brings to the disk what was committed before it is called. */
export interface LogSync {
  /** In another thread. */
  later(): Promise<void>;
  /** Before it returns. */
  now(): void;
  /** Whether the way to another thread and back takes as long as the disk does. */
  readonly isQuick: boolean;
}

/** What goes on around the work of those who share a transaction. */
export interface Around {
  /** Why nothing may be committed now, if anything. */
  lost(): string | undefined;
  /** Before the work of the first; whatever the one before left is over, committed or not. */
  begun?(): void;
  /** After the work of the last, in the transaction: what fails here fails for all. */
  ending?(): void;
  /** Before anybody hears that the commit succeeded; when it throws, nobody does. */
  committed?(): void;
}

export class Commits {
  readonly #db: DatabaseSync;
  readonly #around: Around;
  readonly #log: LogSync | undefined;
  #waiting: Waiting[] = [];
  /** Milliseconds that the last synced transaction took. */
  #took = 0;
  /** Whether commits are synced, as the connection has it. */
  #synced = true;
  /** What is committed and not yet durable, while the disk is at it. */
  #underWay: UnderWay | undefined;
  /** How many shared the last transaction that was synced. */
  #lastBatch = 0;
  #failed: string | undefined;
  #closed = false;

  /** `log` syncs the write-ahead log beside this thread; where it is undefined, SQLite syncs each commit in this thread. */
  constructor(db: DatabaseSync, around: Around, log?: LogSync) {
    this.#db = db;
    this.#around = around;
    this.#log = log;
  }

  /** Why nothing is committed any more, in words; undefined as long as every sync succeeded. */
  get failed(): string | undefined {
    return this.#failed;
  }

  /** While it is not undefined there is something in the store that a power cut could take back: nobody may read it. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay?.durable;
  }

  /**
   * Runs `work` (synchronous SQL on the connection) in the next transaction and resolves when it is durable.
   * What `work` throws of its own, before it has written anything, is its caller's alone. Everything that arrives in one
   * turn of the event loop shares the transaction, in order of arrival; and of a crowd, what the next turns bring.
   * Rejects with STORE_UNAVAILABLE when the transaction failed: usually nothing of it stands, but when the
   * error came out of the commit itself nobody can say.
   * With `waits` it may be durable later: where all of a transaction waits, the commit is not synced. The sync of the
   * next one takes it along, since it lies in front of it in the same write-ahead log.
   */
  run<T>(work: () => T, { waits = false } = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) return reject(unavailable(undefined, 'The embedded store is closed'));
      if (this.#waiting.length === 0) this.#gather(1, performance.now() + MOST_GATHERED * this.#took);
      this.#waiting.push({
        work: () => {
          const result = work();
          return () => resolve(result);
        },
        waits,
        reject,
      });
    });
  }

  /** Commits what waits; whatever comes later is refused. */
  close(): void {
    this.#arrive(() => this.#log?.now());
    this.#flush();
    this.#arrive(() => this.#log?.now());
    this.#closed = true;
  }

  /** A single caller is not kept waiting: only a turn that brought more than the `before` it is followed by another. */
  #gather(before: number, until: number): void {
    setImmediate(() => {
      const now = this.#waiting.length;
      if (now > before && performance.now() < until) this.#gather(now, until);
      else this.#flush();
    });
  }

  #flush(): void {
    // What comes meanwhile is the next transaction.
    if (this.#underWay !== undefined) return;
    const began = performance.now();
    this.#transact();
    if (this.#synced) this.#took = performance.now() - began;
  }

  #transact(): void {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    const lost = this.#failed ?? this.#around.lost();
    if (lost !== undefined) {
      // Ledger and state are one file: what cannot be kept is not begun.
      const failure = new ChanceryError('LEDGER_UNAVAILABLE', lost);
      for (const { reject } of batch) reject(failure);
      return;
    }
    const tell: (() => void)[] = [];
    const lasts = !batch.every(({ waits }) => waits);
    try {
      this.#sync(lasts && this.#log === undefined);
      this.#db.exec('BEGIN IMMEDIATE');
      this.#around.begun?.();
      for (const { work, reject } of batch) {
        try {
          tell.push(work());
        } catch (error) {
          if (isOfSqlite(error)) throw error;
          tell.push(() => reject(error));
        }
      }
      this.#around.ending?.();
      this.#db.exec('COMMIT');
      this.#around.committed?.();
    } catch (error) {
      const failure = unavailable(this.#rollBack(error));
      for (const { reject } of batch) reject(failure);
      return;
    }
    if (lasts && this.#log !== undefined) this.#send(this.#log, batch, tell);
    else for (const each of tell) each();
  }

  #send(log: LogSync, batch: readonly Waiting[], tell: readonly (() => void)[]): void {
    let release = (): void => undefined;
    const durable = new Promise<void>((resolve) => {
      release = resolve;
    });
    const underWay = { batch, tell, durable, release };
    this.#underWay = underWay;
    // A crowd has this thread to itself meanwhile; a single caller, who has been one before, only waits.
    const alone = batch.length === 1 && this.#lastBatch === 1;
    this.#lastBatch = batch.length;
    if (alone && log.isQuick) {
      this.#arrive(() => log.now());
      return;
    }
    log.later().then(
      () => {
        if (this.#underWay === underWay) this.#arrive(() => undefined);
      },
      (error: unknown) => {
        if (this.#underWay !== underWay) return;
        this.#arrive(() => {
          throw error;
        });
      },
    );
  }

  /** Ends what is under way: those who waited hear of it and read first, then comes the next transaction. */
  #arrive(sync: () => void): void {
    const underWay = this.#underWay;
    if (underWay === undefined) return;
    const { batch, tell, release } = underWay;
    this.#underWay = undefined;
    try {
      sync();
      for (const each of tell) each();
    } catch (error) {
      // The next sync may succeed without what this one lost (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
      this.#failed =
        'The disk failed to keep what was written; look at the disk, and start the process again';
      for (const { reject } of batch) reject(unavailable(error));
    }
    release();
    if (this.#waiting.length > 0) setImmediate(() => this.#flush());
  }

  /** In WAL mode NORMAL is FULL without the sync at each commit (SQLite: PRAGMA synchronous). */
  #sync(on: boolean): void {
    if (this.#synced === on) return;
    this.#db.exec(`PRAGMA synchronous = ${on ? 'FULL' : 'NORMAL'}`);
    this.#synced = on;
  }

  /** The cause to report: the error itself, or both when even the roll-back failed. */
  #rollBack(error: unknown): unknown {
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      return error;
    } catch (second) {
      return new AggregateError([error, second], 'the transaction failed, and so did its roll-back');
    }
  }
}

function isOfSqlite(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}
