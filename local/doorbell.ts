/** The doorbell of one process: rings are gathered, so that a burst of appends wakes each listener once. */
import type { Doorbell } from '../src/ports.ts';

export function localDoorbell(): Doorbell {
  const listeners = new Set<() => void>();
  let rung = false;
  return {
    ring() {
      if (rung) return;
      rung = true;
      setImmediate(() => {
        rung = false;
        for (const heard of listeners) heard();
      });
    },
    listen(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
  };
}
