/**
 * Background work that repeats: flushing refused-token counts, sweeping, sealing, projecting. One round of a
 * task at a time; a round that fails is logged, counted and tried again at the next turn, and never ends the task.
 */
import type { COMPONENTS } from '../src/catalogue/values.ts';
import type { Log, Meter } from '../src/ports.ts';

/** The part of the system that each round works for. */
const COMPONENT: Readonly<Record<string, (typeof COMPONENTS)[number]>> = {
  fold: 'metrics',
  project: 'metrics',
  objectives: 'metrics',
  drift: 'metrics',
  refusals: 'identity',
  lookout: 'identity',
  charter: 'charter',
  decisions: 'charter',
  loop: 'loop',
  'loop-all': 'loop',
  approvals: 'workflow',
  runs: 'workflow',
  'runs-behind': 'workflow',
  expired: 'store',
  state: 'ledger',
  'state-all': 'ledger',
  siem: 'alerts',
  outbox: 'alerts',
  notices: 'alerts',
  sentinel: 'ledger',
  files: 'ledger',
  live: 'ledger',
  listeners: 'http',
  patrol: 'ledger',
};

export interface Repeated {
  ring(): void;
  /** The same; resolves when it was tried, with whatever outcome. */
  round(): Promise<void>;
}

export interface Rounds {
  /** Runs `work` every `ms`, and at once when `ring` is called (never twice at a time). */
  every(name: string, ms: number, work: () => Promise<unknown>): Repeated;
  /** Whether this is the last time: what is long is left to the next process. */
  ending(): boolean;
  /** Runs each task a last time and stops. */
  stop(): Promise<void>;
}

export function startRounds(deps: { readonly log: Log; readonly meter: Meter }): Rounds {
  let ending = false;
  const tasks: { timer: NodeJS.Timeout; round: () => Promise<void> }[] = [];
  return {
    every(name, ms, work) {
      let running: Promise<void> | undefined;
      let again = false;
      let failed = false;
      const component = COMPONENT[name] ?? 'other';
      const once = async (): Promise<void> => {
        do {
          again = false;
          try {
            await work();
            if (failed) deps.meter.count('error_recoveries_total', { component });
            failed = false;
          } catch (error) {
            failed = true;
            deps.meter.count('errors_total', { error_type: 'other', severity: 'error', component });
            deps.log.write('error', name, 'a background round failed and will be tried again', {
              error: error instanceof Error ? error.message : String(error),
            });
          }
        } while (again);
      };
      const round = (): Promise<void> => {
        if (running) {
          again = true;
          return running;
        }
        running = once().finally(() => {
          running = undefined;
        });
        return running;
      };
      const timer = setInterval(() => void round(), ms);
      tasks.push({ timer, round });
      return { ring: () => void round(), round };
    },
    ending: () => ending,
    async stop() {
      ending = true;
      for (const { timer } of tasks) clearInterval(timer);
      for (const { round } of tasks) await round();
    },
  };
}
