/** How deep a value is nested, found level by level: what is too deep to be walked by recursion is found out by none. */
import type { Json } from '../json.ts';

/** Deeper than anybody's data, and far less than a stack takes. */
export const MOST_LEVELS = 256;

/** Whether lists and objects lie in one another more than `most` deep. */
export function isDeeperThan(value: Json, most: number): boolean {
  let level: readonly object[] = nested([value]);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= most) return true;
    level = level.flatMap((each) => nested(Object.values(each)));
  }
  return false;
}

const nested = (values: readonly unknown[]): object[] =>
  values.filter((value) => typeof value === 'object' && value !== null);
