/**
 * The paths that success checks use, a small part of JSONPath (RFC 9535) that names exactly one place:
 * `$`, `$.name`, `$['any name']`, `$[0]`. Filters and wildcards are left out on purpose: a check is about
 * one value, and the path comes from the caller.
 */
import type { Json } from '../json.ts';

const STEP = /\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,6})\]|\['([^'\\]{1,200})'\]/y;
const LONGEST = 500;

/** The names and indexes of a path, or undefined when it is not one. */
export function parsePath(path: string): (string | number)[] | undefined {
  if (!path.startsWith('$') || path.length > LONGEST) return undefined;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const step = STEP.exec(path);
    if (step === null) return undefined;
    steps.push(step[2] === undefined ? (step[1] ?? step[3] ?? '') : Number(step[2]));
  }
  return steps;
}

/** The value at a place, or undefined where there is none. Own properties only, never the prototype's. */
export function valueAt(root: Json, steps: readonly (string | number)[]): Json | undefined {
  let value: Json | undefined = root;
  for (const step of steps) {
    if (value === null || typeof value !== 'object') return undefined;
    if (Array.isArray(value)) value = typeof step === 'number' ? value[step] : undefined;
    else value = Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}
