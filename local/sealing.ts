/** The main thread's end of the sealer's thread. */
import type { LedgerHold, Standing } from '../src/ledger/hold.ts';
import type { Log, LogLevel, Meter } from '../src/ports.ts';
import type { TamperNotice } from '../src/terms.ts';
import { openThread, ThreadEnded } from './thread.ts';

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

/** What the thread can be told to do. Each resolves after a round that began later than the call. */
export type SealOrders = {
  readonly seal: () => Promise<void>;
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** What it tells of its rounds. */
export type SealNews =
  /** The round that just ended: what it left standing, if anything. */
  | { readonly kind: 'looked'; readonly standing: Standing | undefined }
  | { readonly kind: 'failed'; readonly reason: string }
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

/** A thread that died is opened again, after a while; when so many die, none of them old, somebody has to look. */
const AGAIN_MS = 1_000;
const MOST_DEATHS = 5;
const OLD_MS = 600_000;
/** Each round is heard of. After so many looks without one, sealing stands still; a machine that slept did not look either. */
const LOOK_MS = 5_000;
const MOST_SILENT = 12;

/**
 * Locally: a checkpoint a second while records come, a fresh cosignature every ten while none do. A receipt promises a place in
 * the tree: while nobody brings anything into it, none is given.
 */
export async function startSealing(
  folder: string,
  deps: SealingDeps,
  job: Partial<SealJob> = {},
): Promise<Sealing> {
  const whole: SealJob = { intervalMs: 1_000, heartbeatMs: 10_000, limit: 16_384, ...job, folder };
  let looked = false;
  let failures: string[] = [];
  let [deaths, opened, silent] = [0, 0, 0];
  let [paused, stopping] = [false, false];
  let again: NodeJS.Timeout | undefined;
  const holdBack = (detail: string): void => deps.hold?.set('sealing', { head: 'sealing', detail });

  function open() {
    opened = performance.now();
    return openThread<SealJob, SealOrders, SealNews>('./seal-worker.ts', whole, {
      hear(news) {
        silent = 0;
        if (news.kind === 'looked') {
          [looked, failures] = [true, []];
          deps.hold?.set('seal', news.standing);
          deps.hold?.set('sealing', undefined);
        } else if (news.kind === 'failed') {
          failures.push(news.reason);
          // One failure may pass.
          if (failures.length > 1) holdBack(news.reason);
        } else pass(news, deps);
      },
      died,
    });
  }

  function died({ message }: Error): void {
    deaths = performance.now() - opened > OLD_MS ? 1 : deaths + 1;
    const last = deaths === MOST_DEATHS;
    holdBack(`its thread ended: ${message}${last ? '; start the process again' : ''}`);
    deps.meter.count('ledger_checkpoints_total', { result: 'failed' });
    deps.log.write('error', 'seal', 'The sealing thread ended', { reason: message, deaths });
    if (!last && !stopping) again = setTimeout(openAgain, AGAIN_MS);
  }

  function openAgain(): void {
    // The files of the log stand still meanwhile.
    if (paused) again = setTimeout(openAgain, AGAIN_MS);
    else thread = open();
  }

  const looks = setInterval(() => {
    silent = paused ? 0 : silent + 1;
    if (silent === MOST_SILENT) holdBack(`no round came to its end for ${(MOST_SILENT * LOOK_MS) / 1_000} s`);
  }, LOOK_MS);

  let thread = open();
  await untilEnded(thread.ready);
  return {
    trouble: () => (looked ? failures[1] : (failures[0] ?? 'sealing has not looked yet')),
    seal: () => untilEnded(thread.call('seal')),
    async pausedFor(work) {
      paused = true;
      await untilEnded(thread.call('pause'));
      try {
        return await work();
      } finally {
        paused = false;
        await untilEnded(thread.call('resume'));
      }
    },
    async stop() {
      stopping = true;
      clearInterval(looks);
      clearTimeout(again);
      await untilEnded(thread.call('stop'));
      await thread.end();
    },
  };
}

/** Where no thread is left nothing is to be waited for: it is held, and health says that nobody seals. */
async function untilEnded(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ThreadEnded)) throw error;
  }
}

/** Passes on what the thread measured, wrote and raised. */
function pass(message: SealNews, { meter, log, alarm, hold }: SealingDeps): void {
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
