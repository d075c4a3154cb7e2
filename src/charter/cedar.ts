/**
 * The one instance of Cedar of this thread. It is WebAssembly: a stack that is full, or memory that is, ends the
 * instance for good and not just the call, and every later call fails. So each call goes through here; when one ends
 * the instance, another is made before anything else is asked, and what was prepared in the old one is prepared again
 * by whoever asks (`generation`).
 */
import * as shipped from '@cedar-policy/cedar-wasm/nodejs';

export type Cedar = typeof shipped;

let instance: Cedar = shipped;
let generation = 0;
let working = true;
let make: (() => Cedar) | undefined;

/** How to make another instance; without it a trap leaves the thread without an engine until it is restarted. */
export function makeCedarBy(maker: () => Cedar): void {
  make = maker;
}

/** Changes whenever an instance ends: what was prepared is gone with it. */
export const cedarGeneration = (): number => generation;

/** Whether there is an instance that answers: readiness says so. */
export const isCedarWorking = (): boolean => working;

/** Throws what the call threw; then the instance has been replaced already. Cedar's own refusals are answers. */
export function callCedar<Answer>(call: (cedar: Cedar) => Answer): Answer {
  if (!working) replace();
  try {
    return call(instance);
  } catch (trap) {
    replace();
    throw trap;
  }
}

function replace(): void {
  working = false;
  // At once, so that nobody takes what was prepared for prepared still, whether another can be made now or later.
  generation += 1;
  if (make === undefined) return;
  instance = make();
  working = true;
}
