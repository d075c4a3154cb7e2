/** The main thread's end of the sealer's worker. */
import { Worker } from 'node:worker_threads';
import type { LedgerHold, Standing } from '../src/ledger/hold.ts';
import type { Log, LogLevel, Meter } from '../src/ports.ts';
import type { TamperNotice } from '../src/terms.ts';

export interface SealJob {
  readonly folder: string;
  readonly intervalMs: number;
  readonly heartbeatMs: number;
  readonly limit: number;
}

interface Measure<Kind, Name> {
  readonly kind: Kind;
  readonly metric: Name;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type SealOrder = 'seal' | 'pause' | 'resume' | 'stop';

export type SealMessage =
  | { readonly kind: 'ready' }
  /** The round that just ended: what it left standing, if anything. */
  | { readonly kind: 'looked'; readonly standing: Standing | undefined }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'done'; readonly order: SealOrder }
  | { readonly kind: 'sealed'; readonly size: number; readonly added: number }
  | { readonly kind: 'alarm'; readonly data: TamperNotice }
  | Measure<'count', Parameters<Meter['count']>[0]>
  | Measure<'observe', Parameters<Meter['observe']>[0]>
  | Measure<'set', Parameters<Meter['set']>[0]>
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly logger: string;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

export interface SealingDeps {
  readonly meter: Meter;
  readonly log: Log;
  /** Where its findings stand. */
  readonly hold?: Pick<LedgerHold, 'set'>;
  /** Puts an alarm on record. */
  readonly alarm: (data: TamperNotice) => Promise<unknown>;
}

export interface Sealing {
  /** Why sealing stands still: it never looked yet, or its last two rounds failed. */
  readonly trouble: () => string | undefined;
  /** Seals what is there now and resolves when it is published. */
  seal(): Promise<void>;
  /** Does something between two rounds: the files of the log stand still meanwhile. */
  pausedFor<T>(work: () => Promise<T>): Promise<T>;
  /** Seals a last time and ends the thread. */
  stop(): Promise<void>;
}

/** Locally: a checkpoint a second while records come, a fresh cosignature every ten while none do. */
export async function startSealing(
  folder: string,
  deps: SealingDeps,
  job: Partial<SealJob> = {},
): Promise<Sealing> {
  const workerData: SealJob = { intervalMs: 1_000, heartbeatMs: 10_000, limit: 16_384, ...job, folder };
  const worker = new Worker(new URL('./seal-worker.ts', import.meta.url), { workerData });
  const waiting = new Map<SealOrder, (() => void)[]>();
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', (error) => {
    deps.log.write('error', 'seal', 'The sealing thread ended', { reason: error.message });
  });
  let looked = false;
  let failures: string[] = [];
  const ready = new Promise<void>((resolve) => {
    worker.on('message', (message: SealMessage) => {
      if (message.kind === 'ready') resolve();
      else if (message.kind === 'looked') {
        [looked, failures] = [true, []];
        deps.hold?.set('seal', message.standing);
      } else if (message.kind === 'failed') failures.push(message.reason);
      else if (message.kind === 'done') waiting.get(message.order)?.shift()?.();
      else hear(message, deps);
    });
  });
  await Promise.race([ready, ended]);
  const order = (what: SealOrder): Promise<void> =>
    new Promise((resolve) => {
      waiting.set(what, [...(waiting.get(what) ?? []), resolve]);
      worker.postMessage(what);
    });
  return {
    trouble: () => (looked ? failures[1] : (failures[0] ?? 'sealing has not looked yet')),
    seal: () => Promise.race([order('seal'), ended]),
    async pausedFor(work) {
      await Promise.race([order('pause'), ended]);
      try {
        return await work();
      } finally {
        await Promise.race([order('resume'), ended]);
      }
    },
    async stop() {
      await Promise.race([order('stop'), ended]);
      await ended;
    },
  };
}

function hear(message: SealMessage, { meter, log, alarm, hold }: SealingDeps): void {
  switch (message.kind) {
    case 'count':
      meter.count(message.metric, message.labels, message.value);
      return;
    case 'observe':
      meter.observe(message.metric, message.labels, message.value);
      return;
    case 'set':
      meter.set(message.metric, message.labels, message.value);
      return;
    case 'log':
      log.write(message.level, message.logger, message.message, message.fields);
      return;
    case 'alarm':
      // The alarm itself must not be appended over a contradiction: the finding comes first.
      if (message.data.kind === 'head_conflict')
        hold?.set('seal', { head: String(message.data.head), detail: String(message.data.detail) });
      alarm(message.data).catch((error: unknown) => {
        log.write('error', 'seal', 'An alarm could not be recorded', {
          reason: String(error),
          ...message.data,
        });
      });
      return;
    default:
      return;
  }
}
