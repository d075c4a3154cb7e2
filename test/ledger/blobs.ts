/** Blobs in memory that can fail as planned: before anything is written, or after all of it was. */
import { ChanceryError } from '../../src/errors.ts';
import type { Blobs } from '../../src/ports.ts';

export interface MemoryBlobs extends Blobs {
  readonly files: Map<string, Uint8Array>;
}

export function memoryBlobs(files = new Map<string, Uint8Array>()): MemoryBlobs {
  return {
    files,
    get: (name) => Promise.resolve(files.get(name)?.slice()),
    async put(name, bytes, options = {}) {
      if (options.ifAbsent === true && files.has(name)) return 'exists';
      files.set(name, bytes.slice());
      return 'stored';
    },
    async *list(prefix) {
      yield* [...files.keys()].filter((name) => name.startsWith(prefix)).sort();
    },
    async remove(name) {
      files.delete(name);
    },
  };
}

/** Counts calls to the outside, over any number of parts, and lets one of them fail. */
export class Crash {
  calls = 0;
  readonly names: string[] = [];
  #at = Number.POSITIVE_INFINITY;
  #persisted = false;
  #dead = false;
  #survived = false;
  #happened = false;

  /**
   * The call with this number fails, after it took effect or before; from then on everything fails.
   * @param survived only that one call fails: the process lives
   */
  plan(at: number, persisted: boolean, survived = false): this {
    [this.calls, this.#at, this.#persisted, this.#survived] = [0, at, persisted, survived];
    [this.#dead, this.#happened] = [false, false];
    this.names.length = 0;
    return this;
  }

  heal(): this {
    return this.plan(Number.POSITIVE_INFINITY, false);
  }

  get happened(): boolean {
    return this.#happened;
  }

  /** Wraps the asynchronous methods of a part. */
  wrap<T extends object>(name: string, part: T): T {
    return new Proxy(part, {
      get: (target, method, receiver) => {
        const value = Reflect.get(target, method, receiver);
        if (typeof value !== 'function') return value;
        if (method === 'list') return value.bind(target);
        return (...given: unknown[]) =>
          this.#call(`${name}.${String(method)}`, () => value.apply(target, given));
      },
    });
  }

  async #call<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.#dead) throw new ChanceryError('STORE_UNAVAILABLE', 'the process is dead');
    this.calls += 1;
    this.names.push(name);
    if (this.calls !== this.#at) return work();
    if (this.#persisted) await work();
    [this.#happened, this.#dead] = [true, !this.#survived];
    throw new ChanceryError('STORE_UNAVAILABLE', `killed at ${name}`);
  }
}
