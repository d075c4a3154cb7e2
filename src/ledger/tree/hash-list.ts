/** A growing list of 32-byte hashes in one piece of memory: a million records are 32 MB, not a million objects. */
import { sameBytes } from '../bytes.ts';
import { HASH_BYTES } from './merkle.ts';

/** No SHA-256 that anybody has seen. */
const UNKNOWN = new Uint8Array(HASH_BYTES);

export class HashList {
  #bytes = new Uint8Array(64 * HASH_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(hash: Uint8Array): void {
    if ((this.#length + 1) * HASH_BYTES > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(hash, this.#length * HASH_BYTES);
    this.#length += 1;
  }

  /** Leaves a place of which no hash is known. */
  pass(): void {
    this.push(UNKNOWN);
  }

  knows(index: number): boolean {
    return index < this.#length && !sameBytes(this.at(index), UNKNOWN);
  }

  at(index: number): Uint8Array {
    return this.#bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }

  is(index: number, hash: Uint8Array): boolean {
    return index < this.#length && sameBytes(this.at(index), hash);
  }
}
