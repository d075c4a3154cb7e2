/**
 * C2SP tlog-checkpoint: three lines (origin, size, root) in a signed note. It has no time in it; freshness is
 * what a witness's timestamped cosignature says. https://c2sp.org/tlog-checkpoint
 */
import type { Signer } from '../../ports.ts';
import type { SignedVerdict } from '../../terms.ts';
import { base64, fromBase64 } from '../bytes.ts';
import { type Note, parseNote, parseVkey, signNote, type VerifierKey, verifyNote } from './note.ts';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${base64(root)}\n`;

/** Undefined for text that is no checkpoint. Extension lines are allowed and ignored. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', size = '', encoded = ''] = text.split('\n');
  const root = fromBase64(encoded);
  if (origin === '' || !/^(0|[1-9]\d{0,15})$/.test(size) || root.length !== 32 || base64(root) !== encoded) {
    return undefined;
  }
  return { origin, size: Number(size), root };
}

/** The signed note, under every key given: two while a rotation overlaps. */
export const signCheckpoint = (checkpoint: Checkpoint, signers: readonly Signer[]): Promise<string> =>
  signNote(checkpointText(checkpoint), checkpoint.origin, signers);

export type CheckpointCheck =
  | { readonly ok: true; readonly checkpoint: Checkpoint; readonly note: Note }
  | { readonly ok: false; readonly verdict: SignedVerdict; readonly detail: string };

/** Opens a checkpoint of the log `origin` under the keys that are trusted for it. */
export function openCheckpoint(text: string, origin: string, vkeys: readonly string[]): CheckpointCheck {
  const note = parseNote(text);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
  if (note === undefined || checkpoint === undefined) {
    return { ok: false, verdict: 'FORMAT', detail: 'this is no checkpoint' };
  }
  if (checkpoint.origin !== origin) {
    return { ok: false, verdict: 'KEY', detail: `this is a checkpoint of ${checkpoint.origin}` };
  }
  const signers = verifyNote(note, keysOf(vkeys));
  if (signers === undefined) {
    return { ok: false, verdict: 'MODIFIED', detail: 'the signature of a trusted log key does not match' };
  }
  if (signers.length === 0) {
    return { ok: false, verdict: 'KEY', detail: 'no trusted log key signed this checkpoint' };
  }
  return { ok: true, checkpoint, note };
}

export const keysOf = (vkeys: readonly string[]): VerifierKey[] =>
  vkeys.flatMap((vkey) => parseVkey(vkey) ?? []);
