/** The charter in force as every door reads it: looked for, counted, and said to be bad when it does not load. */
import { Cache } from '../basics/cache.ts';
import type { Charter } from '../charter/charter.ts';
import { type CharterStore, type Library, lookInStore } from '../charter/store.ts';
import { type CharterWatch, createCharterWatch, type Looked } from '../charter/watch.ts';
import type { Ledger } from '../ledger/record.ts';
import type { Clock, Log, Meter } from '../ports.ts';

export interface CharterInForceDeps {
  readonly shipped: Charter;
  /** Milliseconds that loading it took. */
  readonly shipped_ms: number;
  readonly store: CharterStore;
  readonly library: Library;
  /** Another charter is in force than before. */
  readonly changed: () => void;
  /** Lets others go on while a charter is prepared. */
  readonly pause: () => Promise<unknown>;
  /** Of the lane, which itself asks for the charter in force: it is opened after this. */
  readonly ledger: () => Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** The shipped charter is in force until the first look; that it is counts as a load. */
export function openCharterInForce(deps: CharterInForceDeps): CharterWatch {
  const { shipped, store, library, clock, log, meter } = deps;
  const held = new Cache<Charter>({
    name: 'charter',
    most: 1,
    bytesOf: (_, { documents, policies }) => JSON.stringify([documents, policies]).length,
    clock,
    meter,
  });
  function holdCharter(looked: Looked): void {
    if (looked.found !== 'new') return;
    held.clear();
    held.set(looked.charter.digest, looked.charter);
  }

  const watch = createCharterWatch({
    shipped,
    look: lookInStore(store, library, shipped, deps.pause),
    clock,
    looked: (looked, took_ms) => {
      countLook(meter, looked, took_ms, clock());
      holdCharter(looked);
      if (looked.found === 'new') deps.changed();
      void reportBad(looked);
    },
  });
  countLook(meter, { found: 'new', charter: shipped }, deps.shipped_ms, clock());
  holdCharter({ found: 'new', charter: shipped });
  let lastBad: string | undefined;
  /** Once for each thing that is wrong, not at every look. */
  async function reportBad(looked: Looked): Promise<void> {
    const reason = looked.found === 'bad' ? looked.reason : undefined;
    if (reason === lastBad) return;
    lastBad = reason;
    if (reason === undefined) {
      meter.count('error_recoveries_total', { component: 'charter' });
      return;
    }
    meter.count('errors_total', { error_type: 'other', severity: 'error', component: 'charter' });
    log.write('error', 'charter', 'a charter could not be loaded; the last good one stays in force', {
      reason,
    });
    await deps
      .ledger()
      .append({
        type: 'charter.load_failed',
        trace: '0'.repeat(32),
        meta: { charter: watch.last().digest },
        data: { reason: reason.slice(0, 500) },
      })
      .catch((error: unknown) => {
        // Said again at the next look, when the ledger can be written.
        lastBad = undefined;
        log.write('error', 'charter', 'the failed load could not be recorded', { error: String(error) });
      });
  }
  return watch;
}

/** A look that finds the same charter is no load, but shows that somebody looked. */
function countLook(meter: Meter, looked: Looked, took_ms: number, now: number): void {
  meter.set('charter_last_load_timestamp_seconds', {}, now / 1000);
  meter.count('cache_misses_total', { cache: 'charter' });
  if (looked.found === 'same') return;
  meter.count('charter_loads_total', { result: looked.found === 'new' ? 'success' : 'failure' });
  meter.set('charter_load_duration_seconds', {}, took_ms / 1000);
  if (looked.found === 'new') meter.set('charter_policies', {}, looked.charter.policies.length);
}
