/** Paths of the API as they are sent, held by the compiler to those that there are. */
import type { paths } from './api.gen.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

type Filled<P extends string> = P extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Filled<After>}`
  : P;
type Taking<M extends Method> = {
  [P in keyof paths]: paths[P][Lowercase<M>] extends object ? P : never;
}[keyof paths];

/** A path that an operation of this method has, its parameters filled in, with or without a query. */
export type PathFor<M extends Method> = Filled<Taking<M>> | `${Filled<Taking<M>>}?${string}`;
