/** What this process takes of its machine: processor time as it is counted, memory and file handles when somebody looks. */
import { readdirSync } from 'node:fs';
import { reading } from '../src/watch/metrics/exposition.ts';
import type { ProcessMeter } from '../src/watch/metrics/meter.ts';
import type { Reading } from '../src/watch/metrics/render.ts';

/** Linux lists a process's open files here. */
const HANDLES = '/proc/self/fd';

/** The same meter; it also counts the processor time of all threads since it was last emptied, in stored microseconds. */
export function withProcessorTime(meter: ProcessMeter): ProcessMeter {
  let counted = 0;
  function count(): void {
    const { user, system } = process.cpuUsage();
    meter.count('process_cpu_seconds_total', {}, user + system - counted);
    counted = user + system;
  }
  return {
    ...meter,
    ride() {
      const ride = meter.ride();
      if (ride !== undefined) count();
      return ride;
    },
    drain() {
      count();
      return meter.drain();
    },
  };
}

/** Memory in use; open file handles on Linux, which alone tells them. */
export function processReadings(): readonly Reading[] {
  const handles = openHandles();
  return [
    reading('process_resident_memory_bytes', {}, process.memoryUsage.rss()),
    ...(handles === undefined ? [] : [reading('process_open_fds', {}, handles)]),
  ];
}

function openHandles(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  // The handle with which the list is read is in it.
  return readdirSync(HANDLES).length - 1;
}
