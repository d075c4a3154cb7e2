/** Makes Cedar anew: the package keeps its instance in a module, so that the module has to be loaded again. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Cedar } from '../src/charter/cedar.ts';

/** Where a bundled function carries the module, beside its own code. */
const CARRIED = fileURLToPath(new URL('./cedar_wasm.cjs', import.meta.url));

/** Takes some 60 ms. Throws when the package is not there. */
export function makeCedar(): Cedar {
  const load = createRequire(import.meta.url);
  const path = existsSync(CARRIED) ? CARRIED : load.resolve('@cedar-policy/cedar-wasm/nodejs');
  delete load.cache[path];
  const made: Cedar = load(path);
  return made;
}
