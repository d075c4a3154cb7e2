import type { Result, Router } from 'hono/router';
import { TrieRouter } from 'hono/router/trie-router';

/** Knows the way to a path without parameters once it was found: most requests go to a few of them. */
export class PlainPaths<T> implements Router<T> {
  readonly name = 'PlainPaths';
  readonly #router = new TrieRouter<T>();
  /** What was found for each method; there are as many of those as the server's parser knows. */
  readonly #plain = new Map<string, Map<string, Result<T>>>();

  add(method: string, path: string, handler: T): void {
    this.#router.add(method, path, handler);
    for (const found of this.#plain.values()) found.clear();
    if (!/[:*?{]/.test(path)) this.#plain.set(path, new Map());
  }

  match(method: string, path: string): Result<T> {
    const plain = this.#plain.get(path);
    const known = plain?.get(method);
    if (known !== undefined) return known;
    const found = this.#router.match(method, path);
    plain?.set(method, found);
    return found;
  }
}
