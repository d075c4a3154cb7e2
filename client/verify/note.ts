/**
 * Checkpoints: C2SP signed notes of three lines (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint). Whoever
 * opens one has a tree head that a trusted log key signed.
 */
import { type Bytes, concat, fromBase64, hex, sha256, utf8, verifies } from './bytes.ts';
import type { TreeHead } from './tree.ts';

const LOG_KEY = 0x01;

export interface Trust {
  readonly origin: string;
  readonly authorities: readonly {
    readonly public_key: string;
    readonly from_lane: number;
    readonly to_lane?: number | undefined;
    readonly not_after?: string | undefined;
  }[];
  /** C2SP vkeys. */
  readonly log_keys: readonly string[];
}

export type Opened =
  | { readonly ok: true; readonly head: TreeHead; readonly signedBy: readonly string[] }
  | { readonly ok: false; readonly why: string };

const refuse = (why: string): Opened => ({ ok: false, why });

/** A signature by a trusted key that does not verify makes the note bad; those by unknown keys are passed over. */
export async function openCheckpoint(note: string, { origin, log_keys }: Trust): Promise<Opened> {
  const split = note.lastIndexOf('\n\n');
  const text = note.slice(0, split + 1);
  const head = split < 0 || !note.endsWith('\n') ? undefined : parseHead(text, origin);
  if (head === undefined) return refuse(`This is no checkpoint of ${origin}.`);
  const message = utf8(text);
  const signedBy: string[] = [];
  for (const line of note.slice(split + 2, -1).split('\n')) {
    const signature = parseSignature(line);
    if (signature === undefined) return refuse('A signature line of the checkpoint does not read.');
    for (const vkey of log_keys) {
      const key = await parseVkey(vkey);
      if (key === undefined || key.name !== signature.name || key.id !== signature.id) continue;
      if (!(await verifies(key.key, message, signature.bytes)))
        return refuse(`The signature of the log key ${key.name}+${key.id} does not match the checkpoint.`);
      signedBy.push(`${key.name}+${key.id}`);
    }
  }
  return signedBy.length > 0
    ? { ok: true, head, signedBy }
    : refuse('No log key that you trust signed this checkpoint.');
}

function parseHead(text: string, wanted: string): TreeHead | undefined {
  const [origin, size = '', encoded = ''] = text.split('\n');
  const root = fromBase64(encoded);
  if (origin !== wanted || !/^(0|[1-9]\d{0,15})$/.test(size) || root?.length !== 32) return undefined;
  return { size: Number(size), root };
}

function parseSignature(line: string): { name: string; id: string; bytes: Bytes } | undefined {
  const [, name = '', encoded = ''] = /^\u2014 ([^+\s]+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (bytes === undefined || bytes.length < 5) return undefined;
  return { name, id: hex(bytes.subarray(0, 4)), bytes: bytes.slice(4) };
}

/** `name+id+base64(type ‖ key)`; undefined for another kind of key, and where the id is not that of the key. */
async function parseVkey(vkey: string): Promise<{ name: string; id: string; key: Bytes } | undefined> {
  const [, name = '', id = '', encoded = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? [];
  const bytes = fromBase64(encoded);
  if (bytes === undefined || bytes[0] !== LOG_KEY || bytes.length !== 33) return undefined;
  const named = await sha256(concat(utf8(`${name}\n`), bytes));
  return hex(named.subarray(0, 4)) === id ? { name, id, key: bytes.slice(1) } : undefined;
}
