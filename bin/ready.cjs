/**
 * A start reads a thousand files when it is made of the sources. `scripts/ready.mjs` makes a few of them, beside the packages, where only
 * who may change the code may write; they are loaded as long as every source is as it was, and the sources themselves otherwise.
 */
const { readFileSync, statSync } = require('node:fs');
const { join, resolve } = require('node:path');

const PROJECT = resolve(__dirname, '..');
const CACHE = join(PROJECT, 'node_modules/.cache/chancery');
/** `{ folder, sources: [path, bytes, milliseconds][] }` */
const LIST = join(CACHE, 'ready.json');

/** Compared with what it was: the path, its bytes, and when it was written. */
function sourceOf(path) {
  const { size, mtimeMs } = statSync(join(PROJECT, path));
  return [path, size, mtimeMs];
}

/** The folder of what was made of these very sources; undefined when there is none. */
function readyFolder() {
  try {
    const { folder, sources } = JSON.parse(readFileSync(LIST, 'utf8'));
    return sources.every((source) => String(sourceOf(source[0])) === String(source))
      ? join(CACHE, folder)
      : undefined;
  } catch {
    // Nothing was made, or a source is gone: the sources that are there are loaded, and say themselves what is wrong.
    return undefined;
  }
}

module.exports = { PROJECT, CACHE, LIST, sourceOf, readyFolder };
