/**
 * How threads of one process speak, all of them: the main thread opens one for a job, calls by name what it offers, and hears what
 * it tells unasked. A call is answered once: by its value, by its error (whose code is told, since a clone loses its class), or by the
 * thread's end. Jobs, values and what is told are whatever `structuredClone` takes.
 */
import { getCompileCacheDir } from 'node:module';
import { constants, getPriority, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { debuglog } from 'node:util';
import { parentPort, type ResourceLimits, Worker, workerData } from 'node:worker_threads';
import { ChanceryError, type ErrorCode, type Reason } from '../src/errors.ts';

/** Shown with `NODE_DEBUG=chancery`. */
const debug = debuglog('chancery');

/** What a thread offers, by name. What it needs to know for all calls it was told with its job. */
export type Offer = Readonly<Record<string, (...given: never[]) => Promise<unknown>>>;

interface Call<Name> {
  readonly id: number;
  readonly call: Name;
  readonly given: readonly unknown[];
}

type Answer<Value> =
  | { readonly kind: 'value'; readonly id: number; readonly value: Value }
  | {
      readonly kind: 'error';
      readonly id: number;
      readonly message: string;
      /** Of a ChanceryError. */
      readonly code?: ErrorCode;
      readonly reasons?: readonly Reason[];
    };

type Message<Value, Told> =
  | Answer<Value>
  | { readonly kind: 'ready' }
  | { readonly kind: 'told'; readonly what: Told };

/** The thread is gone, and with it whoever should have answered. Its `cause` is what it died of, where that is known. */
export class ThreadEnded extends Error {
  constructor(file: string, cause: unknown) {
    super(`The thread of ${file} ended without an answer`, { cause });
    this.name = 'ThreadEnded';
  }
}

export interface Thread<Offered extends Offer> {
  /** It can be called. Rejects with ThreadEnded when it could not be made; calls before it wait. */
  readonly ready: Promise<void>;
  /** Throws what the call threw: a ChanceryError with its code, any other as an Error of its message; ThreadEnded when nobody is there. */
  call<Name extends keyof Offered & string>(
    name: Name,
    ...given: Parameters<Offered[Name]>
  ): Promise<Awaited<ReturnType<Offered[Name]>>>;
  end(): Promise<void>;
}

export interface ThreadOptions<Told> {
  readonly hear?: (what: Told) => void;
  /** It ended, and nobody had told it to: of an error that none of its calls threw, or because somebody ended it. */
  readonly died?: (error: Error) => void;
  readonly limits?: ResourceLimits;
}

/** @param file beside this one; it calls `serve` */
export function openThread<Job, Offered extends Offer, Told = never>(
  file: string,
  job: Job,
  { hear, died, limits }: ThreadOptions<Told> = {},
): Thread<Offered> {
  const cache = getCompileCacheDir();
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: job,
    name: file,
    // A thread keeps compiled code where the process does; by itself it would read all of its TypeScript anew.
    ...(cache === undefined ? {} : { env: { ...process.env, NODE_COMPILE_CACHE: dirname(cache) } }),
    ...(limits === undefined ? {} : { resourceLimits: limits }),
  });
  // Each call that waits listens for its own answer.
  worker.setMaxListeners(0);
  let calls = 0;
  let [ending, ended] = [false, false];
  let cause: Error | undefined;
  worker.on('error', (error: Error) => {
    cause = error;
  });
  worker.once('exit', (code) => {
    ended = true;
    if (!ending) died?.(cause ?? new Error(`it was ended (${code})`));
  });
  worker.on('message', (message: Message<unknown, Told>) => {
    if (message.kind === 'told') hear?.(message.what);
  });

  /** Waits for the one message that `wanted` takes. */
  const wait = <Value>(
    wanted: (
      message: Message<Value, Told>,
      resolve: (value: Value) => void,
      reject: (e: Error) => void,
    ) => boolean,
  ): Promise<Value> =>
    new Promise((resolve, reject) => {
      const gone = (): void => reject(new ThreadEnded(file, cause));
      if (ended) {
        gone();
        return;
      }
      const listen = (message: Message<Value, Told>): void => {
        if (!wanted(message, resolve, reject)) return;
        worker.off('message', listen);
        worker.off('exit', gone);
      };
      worker.on('message', listen);
      worker.once('exit', gone);
    });

  const ready = wait<void>((message, resolve) => {
    if (message.kind !== 'ready') return false;
    resolve();
    return true;
  });
  // Whoever only calls hears of it from the call.
  ready.catch(() => undefined);

  return {
    ready,
    call<Name extends keyof Offered & string>(call: Name, ...given: Parameters<Offered[Name]>) {
      calls += 1;
      const id = calls;
      const answered = wait<Awaited<ReturnType<Offered[Name]>>>((message, resolve, reject) => {
        if ((message.kind !== 'value' && message.kind !== 'error') || message.id !== id) return false;
        if (message.kind === 'value') resolve(message.value);
        else reject(errorOf(message));
        return true;
      });
      worker.postMessage({ id, call, given } satisfies Call<Name>);
      return answered;
    },
    async end() {
      ending = true;
      await worker.terminate();
    },
  };
}

/**
 * In a thread: what it does may wait for whoever decides, also where there are fewer cores than threads. Linux knows
 * priorities of threads; elsewhere this would be the whole process, and nothing is changed. Not for a thread that writes
 * to the stores: the others would wait for the locks that it holds. Where the system does not allow it, it goes on as before.
 * @param by levels below what it has; all there are by default
 */
export function giveWay(by: number = constants.priority.PRIORITY_LOW): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.min(getPriority() + by, constants.priority.PRIORITY_LOW));
  } catch (error) {
    debug('the thread keeps its priority: %s', error);
  }
}

/** A thread for one call: opened, asked, ended. The file offers `run`. */
export async function runInThread<Job, Value>(
  file: string,
  job: Job,
  limits?: ResourceLimits,
): Promise<Value> {
  const options = limits === undefined ? {} : { limits };
  const thread = openThread<Job, { run: () => Promise<Value> }>(file, job, options);
  try {
    return await thread.call('run');
  } finally {
    await thread.end();
  }
}

/**
 * The thread's end of it, once in its file: makes what it offers of its job, and answers calls from then on.
 * @param make `tell` says something that nobody asked for
 */
export async function serve<Job, Offered extends Offer, Told = never>(
  make: (job: Job, tell: (what: Told) => void) => Offered | Promise<Offered>,
): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('This file is for a thread: it was started as a program');
  const post = (message: Message<unknown, Told>): void => port.postMessage(message);
  const offered = await make(workerData, (what) => post({ kind: 'told', what }));
  port.on('message', async ({ id, call, given }: Call<keyof Offered>) => {
    try {
      // Typed where it is called: what arrives is what was given there.
      post({ kind: 'value', id, value: await offered[call]?.(...(given as never[])) });
    } catch (error) {
      post(failureOf(id, error));
    }
  });
  post({ kind: 'ready' });
}

function failureOf(id: number, error: unknown): Answer<never> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ChanceryError)) return { kind: 'error', id, message };
  return { kind: 'error', id, message, code: error.code, reasons: error.reasons };
}

function errorOf({ code, message, reasons }: Extract<Answer<never>, { kind: 'error' }>): Error {
  return code === undefined ? new Error(message) : new ChanceryError(code, message, reasons && { reasons });
}
