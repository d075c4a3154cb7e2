/**
 * Checks signatures by libsodium on all cores: what is asked in one turn of the event loop goes in batches to a thread for each other
 * core; what they have no place for, and what is little, is done here, so that no core waits and no queue grows. By `node:crypto`, in its
 * pool, where libsodium does not load. A thread that ends is an error, never an answer.
 */
import { availableParallelism } from 'node:os';
import { openSodium, type Sodium } from '../adapters/local/sodium.ts';
import { type CheckSignatures, checkOnPool, type ShownSignature } from '../src/ledger/ed25519.ts';
import { pack, release } from './signature-batch.ts';
import { openThread, type Thread } from './thread.ts';

export interface Signatures {
  readonly check: CheckSignatures;
  /** Ends the threads; what they were asked is answered with an error. */
  end(): Promise<void>;
}

/** What a thread offers: one byte for each signature of the batch, 1 for a genuine one. */
export type SignatureOffer = {
  readonly verify: (batch: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;
};

export interface SignatureOptions {
  /** So many are done in this thread at once, 50 to 65 µs each. */
  readonly here?: number;
  /** By default the other cores' number. */
  readonly threads?: number;
  /** Levels of priority that the threads are below whoever asks (`giveWay`); none by default. */
  readonly below?: number;
  /** For tests: how a thread is opened. */
  readonly open?: () => Thread<SignatureOffer>;
}

/** Signatures of a batch: 7 ms in a thread, so that threads end at about the same time. */
const BATCH = 128;
const FEW = 32;
/** So many batches are given to a thread before it has answered one: it has work while this one reads, or checks a batch itself. */
const DEEP = 3;

export function openSignatures(options: SignatureOptions = {}): Signatures {
  const opened = openSodium();
  if (!opened.ok) return { check: checkOnPool, end: async () => {} };
  const pool = new Pool(opened.sodium, options);
  return { check: (claimed) => pool.check(claimed), end: () => pool.end() };
}

/** For as long as this takes. */
export async function withSignatures<T>(work: (check: CheckSignatures) => Promise<T>): Promise<T> {
  const { check, end } = openSignatures();
  try {
    return await work(check);
  } finally {
    await end();
  }
}

interface Asked {
  readonly claimed: readonly ShownSignature[];
  readonly resolve: (answers: readonly boolean[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Member {
  readonly thread: Thread<SignatureOffer>;
  /** Batches on their way. */
  busy: number;
}

class Pool {
  readonly #sodium: Sodium;
  readonly #here: number;
  readonly #threads: number;
  readonly #open: () => Thread<SignatureOffer>;
  readonly #members = new Set<Member>();
  #asked: Asked[] = [];

  constructor(
    sodium: Sodium,
    {
      here = FEW,
      threads = availableParallelism() - 1,
      below = 0,
      open = () => openSignatureThread({ below }),
    }: SignatureOptions,
  ) {
    this.#sodium = sodium;
    this.#here = here;
    this.#threads = threads;
    this.#open = open;
  }

  check(claimed: readonly ShownSignature[]): Promise<readonly boolean[]> {
    return new Promise((resolve, reject) => {
      if (this.#asked.length === 0) queueMicrotask(() => this.#answer());
      this.#asked.push({ claimed, resolve, reject });
    });
  }

  async end(): Promise<void> {
    const members = [...this.#members];
    this.#members.clear();
    await Promise.all(members.map(({ thread }) => thread.end()));
  }

  #answer(): void {
    const asked = this.#asked;
    this.#asked = [];
    const all = asked.flatMap(({ claimed }) => claimed);
    const batches: Promise<readonly boolean[]>[] = [];
    for (let at = 0; at < all.length; at += BATCH)
      batches.push(this.#batch(all.slice(at, at + BATCH), all.length));
    Promise.all(batches).then(
      (answered) => {
        const answers = answered.flat();
        let at = 0;
        for (const { claimed, resolve } of asked) {
          resolve(answers.slice(at, at + claimed.length));
          at += claimed.length;
        }
      },
      (error: unknown) => {
        for (const { reject } of asked) reject(error);
      },
    );
  }

  async #batch(claimed: readonly ShownSignature[], among: number): Promise<readonly boolean[]> {
    const member = among > this.#here ? this.#withRoom() : undefined;
    if (member === undefined)
      return claimed.map(({ key, b, s }) => this.#sodium.verify({ key: key.raw, b, s }));
    member.busy += 1;
    try {
      const batch = pack(claimed);
      const asked = member.thread.call('verify', batch);
      // It was copied.
      release(batch);
      const answers = await asked;
      if (answers.length !== claimed.length)
        throw new Error(`A thread answered ${answers.length} of ${claimed.length} signatures`);
      return Array.from(answers, (answer) => answer === 1);
    } catch (error) {
      // It may be gone: the next batch opens another.
      this.#members.delete(member);
      await member.thread.end();
      throw error;
    } finally {
      member.busy -= 1;
    }
  }

  /** The thread with the least to do; undefined where each has enough. */
  #withRoom(): Member | undefined {
    const [first] = [...this.#members].sort((left, right) => left.busy - right.busy);
    if (first?.busy === 0) return first;
    if (this.#members.size < this.#threads) {
      const member = { thread: this.#open(), busy: 0 };
      this.#members.add(member);
      return member;
    }
    return first !== undefined && first.busy < DEEP ? first : undefined;
  }
}

export interface SignatureJob {
  readonly below: number;
}

const openSignatureThread = (job: SignatureJob): Thread<SignatureOffer> =>
  openThread<SignatureJob, SignatureOffer>('./signature-worker.ts', job, {
    limits: { maxYoungGenerationSizeMb: 4 },
  });
