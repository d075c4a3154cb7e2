/** What was met lately. It is emptied when it is full: what matters is met again at once. */
export class Recent<V> {
  readonly #most: number;
  readonly #met = new Map<string, V>();

  /** @param most entries that it holds */
  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): V | undefined {
    return this.#met.get(key);
  }

  keep(key: string, value: V): V {
    if (this.#met.size >= this.#most) this.#met.clear();
    this.#met.set(key, value);
    return value;
  }
}
