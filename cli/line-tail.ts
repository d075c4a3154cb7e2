/** The lines that come to a file that is rotated (`adapters/local/line-file.ts`), from now on. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

interface Place {
  /** Which file it was: a rotation puts another in its place. */
  readonly file: number;
  readonly read: number;
}

const NEW_LINE = 0x0a;

/** Each call gives the whole lines that came since the one before, over a rotation as well; a file may come later. */
export function tailOf(path: string): () => readonly string[] {
  let place = look(path)?.place;
  let rest = Buffer.alloc(0);
  return () => {
    let found = look(path, place);
    if (found === undefined) return [];
    if (place !== undefined && found.place.file !== place.file) {
      const rotated = look(`${path}.1`, place);
      if (rotated?.place.file === place.file) rest = Buffer.concat([rest, rotated.bytes]);
      found = look(path, { file: found.place.file, read: 0 }) ?? found;
    } else if (place === undefined) found = look(path, { file: found.place.file, read: 0 }) ?? found;
    place = found.place;
    rest = Buffer.concat([rest, found.bytes]);
    // A line that is still being written is whole the next time.
    const end = rest.lastIndexOf(NEW_LINE) + 1;
    const whole = rest.subarray(0, end).toString('utf8');
    rest = rest.subarray(end);
    return whole.split('\n').filter((line) => line !== '');
  };
}

/** What of a file lies behind a place, and its end; from another file nothing. Undefined where there is no file. */
function look(path: string, from?: Place): { readonly place: Place; readonly bytes: Buffer } | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { ino, size } = fstatSync(file);
    const begin = from?.file === ino ? Math.min(from.read, size) : size;
    const bytes = Buffer.alloc(size - begin);
    const read = readSync(file, bytes, 0, bytes.length, begin);
    return { place: { file: ino, read: begin + read }, bytes: bytes.subarray(0, read) };
  } finally {
    closeSync(file);
  }
}
