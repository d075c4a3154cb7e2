/**
 * A start reads a thousand files when it is made of the sources. `scripts/ready.mjs` makes a few of them, beside the packages, where only
 * who may change the code may write; they are loaded as long as every source is as it was, and the sources themselves otherwise.
 */
const { createHash } = require('node:crypto');
const { readFileSync, statSync } = require('node:fs');
const { join, resolve } = require('node:path');

const PROJECT = resolve(__dirname, '..');
const CACHE = join(PROJECT, 'node_modules/.cache/chancery');
/** `{ folder, sources: [path, bytes, milliseconds, digest][] }` */
const LIST = join(CACHE, 'ready.json');

const digestOf = (path) =>
  createHash('sha256')
    .update(readFileSync(join(PROJECT, path)))
    .digest('base64');

/** What it is known by: the path, its bytes, when it was written, and their digest. */
function sourceOf(path) {
  const { size, mtimeMs } = statSync(join(PROJECT, path));
  return [path, size, mtimeMs, digestOf(path)];
}

/** A layer of an image, a copy and a checkout have other times than the files that they were made of: there the bytes are compared. */
function isAsItWas([path, bytes, written, digest]) {
  const { size, mtimeMs } = statSync(join(PROJECT, path));
  return size === bytes && (mtimeMs === written || digestOf(path) === digest);
}

/** The folder of what was made of these very sources; undefined when there is none. */
function readyFolder() {
  try {
    const { folder, sources } = JSON.parse(readFileSync(LIST, 'utf8'));
    return sources.every(isAsItWas) ? join(CACHE, folder) : undefined;
  } catch {
    // Nothing was made, or a source is gone: the sources that are there are loaded, and say themselves what is wrong.
    return undefined;
  }
}

module.exports = { PROJECT, CACHE, LIST, sourceOf, readyFolder };
