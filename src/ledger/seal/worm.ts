/**
 * The write-once copy of every checkpoint: one key per size in a bucket under Object Lock (a folder locally).
 * Keys count down, so that the newest checkpoint is the first name of a listing, and they branch by thousands.
 */
import type { Blobs } from '../../ports.ts';
import { customKeyId, type Note, parseNote, signatureLine } from '../tree/note.ts';

const PREFIX = 'checkpoints/';
const LARGEST = 999_999_999_999;

export function wormName(size: number): string {
  const digits = String(LARGEST - size).padStart(12, '0');
  return `${PREFIX}${digits.slice(0, 3)}/${digits.slice(3, 6)}/${digits.slice(6, 9)}/${digits.slice(9)}`;
}

/** The size that a name stands for; undefined for a name that is none of ours. */
export function wormSize(name: string): number | undefined {
  const match = /^checkpoints\/(\d{3})\/(\d{3})\/(\d{3})\/(\d{3})$/.exec(name);
  return match === null ? undefined : LARGEST - Number(match.slice(1).join(''));
}

/** Sizes with a checkpoint, largest first. */
export async function* wormSizes(worm: Pick<Blobs, 'list'>): AsyncGenerator<number> {
  for await (const name of worm.list(PREFIX)) {
    const size = wormSize(name);
    if (size !== undefined) yield size;
  }
}

/** The checkpoint of the largest size ever signed; undefined before the first. */
export async function newestWorm(
  worm: Pick<Blobs, 'list' | 'get'>,
): Promise<{ size: number; note: string } | undefined> {
  for await (const size of wormSizes(worm)) {
    const bytes = await worm.get(wormName(size));
    return { size, note: bytes === undefined ? '' : Buffer.from(bytes).toString('utf8') };
  }
  return undefined;
}

const BEFORE = 'before';

/**
 * A line of a copy that says which checkpoint was signed before this one, so that copies can be counted: a copy that
 * is named and not there was removed. It has the form of a signature by a key that nobody knows, so every reader of
 * signed notes passes over it.
 */
export function beforeLine(origin: string, size: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(size));
  return signatureLine(`${origin}/${BEFORE}`, customKeyId(`${origin}/${BEFORE}`, BEFORE), bytes);
}

/** The size that a copy says was signed before it; undefined of copies by an older version, which do not say it. */
export function sizeBefore({ signatures }: Note, origin: string): number | undefined {
  const name = `${origin}/${BEFORE}`;
  const line = signatures.find((one) => one.name === name && one.id === customKeyId(name, BEFORE));
  return line?.bytes.length === 8 ? Number(Buffer.from(line.bytes).readBigUInt64BE()) : undefined;
}

/**
 * Keeps the checkpoint of `size`, with the size that was signed before it. One key per size, never replaced: false
 * when another tree of this size is there, which is proof that somebody signed two.
 */
export async function keepCopy(
  worm: Blobs,
  { size, from }: { readonly size: number; readonly from: number },
  note: string,
): Promise<boolean> {
  const name = wormName(size);
  const parsed = parseNote(note);
  const [origin = ''] = note.split('\n', 1);
  const copy = from < size ? `${note}${beforeLine(origin, from)}` : note;
  const put = await worm.put(name, new TextEncoder().encode(copy), { ifAbsent: true });
  if (put === 'stored') return true;
  const kept = parseNote(Buffer.from((await worm.get(name)) ?? []).toString('utf8'));
  return kept !== undefined && kept.text === parsed?.text;
}
