/**
 * A bounded memory of what can be had again, which says what it holds and what it let go of. Time and meter are passed
 * in. Gauges are set when something changes, so that a look-up costs one counter at most.
 */

import type { Eviction } from '../catalogue/values.ts';
import type { Clock, Meter } from '../ports.ts';

export interface CacheSettings<V> {
  /** The label `cache` of its metrics. */
  readonly name: string;
  /** Entries it holds at most; the oldest goes first. 0 holds nothing. */
  readonly most: number;
  /** Milliseconds that an entry is good for; for ever when absent. */
  readonly max_age_ms?: number;
  /** Bytes that an entry takes, roughly: its key and what hangs on its value. */
  readonly bytesOf: (key: string, value: V) => number;
  readonly clock: Clock;
  readonly meter?: Meter | undefined;
}

interface Entry<V> {
  readonly value: V;
  readonly until: number;
  readonly bytes: number;
}

export class Cache<V> {
  readonly #settings: CacheSettings<V>;
  /** Insertion order is age order: what expires first, and what was there longest, stands first. */
  readonly #entries = new Map<string, Entry<V>>();
  #bytes = 0;

  constructor(settings: CacheSettings<V>) {
    this.#settings = settings;
  }

  /** Undefined when it is not there or too old. */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.until > this.#settings.clock()) return entry.value;
    this.#drop(key, 'expired');
    this.#show();
    return undefined;
  }

  set(key: string, value: V): void {
    const { most, max_age_ms = Number.POSITIVE_INFINITY, bytesOf, clock } = this.#settings;
    if (most === 0) return;
    const now = clock();
    this.#forget(key);
    for (const [name, entry] of this.#entries) {
      if (entry.until <= now) this.#drop(name, 'expired');
      else if (this.#entries.size >= most) this.#drop(name, 'capacity');
      else break;
    }
    const bytes = bytesOf(key, value);
    this.#entries.set(key, { value, until: now + max_age_ms, bytes });
    this.#bytes += bytes;
    this.#show();
  }

  /** Lets go of one entry, because it is no longer true. */
  invalidate(key: string): void {
    this.#drop(key, 'invalidated');
    this.#show();
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.#drop(key, 'invalidated');
    this.#show();
  }

  #drop(key: string, reason: Eviction): void {
    if (this.#forget(key))
      this.#settings.meter?.count('cache_evictions_total', { cache: this.#settings.name, reason });
  }

  #forget(key: string): boolean {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    return this.#entries.delete(key);
  }

  #show(): void {
    const { name, meter } = this.#settings;
    meter?.set('cache_items', { cache: name }, this.#entries.size);
    meter?.set('cache_size_bytes', { cache: name }, this.#bytes);
  }
}
