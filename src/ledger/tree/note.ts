/**
 * C2SP signed notes: text, an empty line, and one line per signature. A note may carry any number of
 * signatures by keys that a reader does not know; that is how keys rotate and witnesses join.
 * https://c2sp.org/signed-note, key types as in https://c2sp.org/tlog-cosignature.
 */
import { hash } from 'node:crypto';
import type { Signer } from '../../ports.ts';
import { base64, fromBase64, hex } from '../bytes.ts';
import { importPublicKey, verifySignature } from '../ed25519.ts';

/** Type byte of a key: plain Ed25519 for logs, timestamped Ed25519 for witnesses. */
export const KEY_TYPE = { log: 0x01, cosigner: 0x04 } as const;

export interface VerifierKey {
  readonly name: string;
  readonly type: number;
  /** 8 hex digits. */
  readonly id: string;
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: string;
  /** What follows the key id: 64 bytes, or 8 + 64 for a cosignature. */
  readonly bytes: Uint8Array;
}

export interface Note {
  /** Ends with a newline; this is what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** First four bytes of SHA-256(name ‖ "\n" ‖ type ‖ key), hex. */
export function keyId(name: string, type: number, publicKey: Uint8Array): string {
  const input = Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Uint8Array.of(type), publicKey]);
  return hex(hash('sha256', input, 'buffer').subarray(0, 4));
}

/** The id of a signature type of our own: type 0xff and a name of the type, which stands where a key would. */
export const customKeyId = (name: string, type: string): string =>
  keyId(name, 0xff, new TextEncoder().encode(type));

/** `name+id+base64(type ‖ key)`, the text that a log or a witness publishes. */
export const formatVkey = (name: string, type: number, publicKey: Uint8Array): string =>
  `${name}+${keyId(name, type, publicKey)}+${base64(Buffer.concat([Uint8Array.of(type), publicKey]))}`;

/** Undefined for what is not a key of a known type, or whose id does not match. */
export function parseVkey(vkey: string): VerifierKey | undefined {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(vkey.trim());
  if (match === null) return undefined;
  const [, name = '', id = '', encoded = ''] = match;
  const bytes = fromBase64(encoded);
  const [type, publicKey] = [bytes[0], bytes.subarray(1)];
  if (type !== KEY_TYPE.log && type !== KEY_TYPE.cosigner) return undefined;
  if (publicKey.length !== 32 || keyId(name, type, publicKey) !== id) return undefined;
  return { name, type, id, publicKey };
}

/** A key's signature line over a note's text. */
export const signatureLine = (name: string, id: string, bytes: Uint8Array): string =>
  `\u2014 ${name} ${base64(Buffer.concat([Buffer.from(id, 'hex'), bytes]))}\n`;

/** Signs `text` (which ends with a newline) as a log does, with one or, while keys rotate, several keys. */
export async function signNote(text: string, name: string, signers: readonly Signer[]): Promise<string> {
  const message = new TextEncoder().encode(text);
  const lines = await Promise.all(
    signers.map(async (signer) =>
      signatureLine(name, keyId(name, KEY_TYPE.log, signer.publicKey), await signer.sign(message)),
    ),
  );
  return `${text}\n${lines.join('')}`;
}

const MAX_NOTE = 1_000_000;

/** Takes a note apart; undefined when it is none. Nothing is verified here. */
export function parseNote(note: string): Note | undefined {
  if (note.length > MAX_NOTE || !note.isWellFormed() || hasControls(note)) return undefined;
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return undefined;
  const lines = note.slice(split + 2, -1).split('\n');
  const signatures = lines.map(parseSignature);
  if (signatures.some((signature) => signature === undefined)) return undefined;
  return { text: note.slice(0, split + 1), signatures: signatures.flatMap((signature) => signature ?? []) };
}

/** A note holds no ASCII control but the newline. */
const hasControls = (note: string): boolean => Array.from(note).some((char) => char < ' ' && char !== '\n');

function parseSignature(line: string): NoteSignature | undefined {
  const match = /^\u2014 ([^+\s]+) ([A-Za-z0-9+/]+=*)$/.exec(line);
  if (match === null) return undefined;
  const bytes = fromBase64(match[2] ?? '');
  if (bytes.length < 5) return undefined;
  return { name: match[1] ?? '', id: hex(bytes.subarray(0, 4)), bytes: bytes.subarray(4) };
}

/**
 * The known log keys that signed the note. A signature that claims a known key and does not verify makes the
 * whole note bad (the specification asks for that): undefined. None by a known key: an empty list.
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): readonly VerifierKey[] | undefined {
  const message = new TextEncoder().encode(note.text);
  const signers: VerifierKey[] = [];
  for (const { name, id, bytes } of note.signatures) {
    const known = keys.find((key) => key.type === KEY_TYPE.log && key.name === name && key.id === id);
    if (known === undefined) continue;
    const key = importPublicKey(known.publicKey);
    if (key === undefined || !verifySignature(key, message, bytes)) return undefined;
    signers.push(known);
  }
  return signers;
}
