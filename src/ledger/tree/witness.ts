/**
 * A witness sees every checkpoint of a log and signs only what extends the last one that it signed, with the
 * time. So nobody can show two people two different logs without a contradiction that carries our signature.
 * https://c2sp.org/tlog-witness, https://c2sp.org/tlog-cosignature (cosignature/v1, key type 0x04).
 */
import type { Clock, Signer, Table } from '../../ports.ts';
import { base64, fromBase64 } from '../bytes.ts';
import { importPublicKey, SIGNATURE_BYTES, verifySignature } from '../ed25519.ts';
import { keysOf, openCheckpoint } from './checkpoint.ts';
import { verifyConsistency } from './merkle.ts';
import { KEY_TYPE, keyId, type Note, signatureLine } from './note.ts';

export type WitnessAnswer =
  /** The cosignature line, newline included. */
  | { readonly ok: true; readonly line: string }
  /** The witness is at another size than the proof begins with: prove from there. */
  | { readonly ok: false; readonly reason: 'conflict'; readonly size: number }
  /** The proof does not hold, the signature is not the log's, or the log is unknown. */
  | { readonly ok: false; readonly reason: 'inconsistent' | 'forbidden'; readonly detail: string };

/** The newest checkpoint that a witness cosigned. */
export interface Witnessed {
  readonly size: number;
  readonly root: Uint8Array;
}

/** What the sealer needs of a witness. Throws STORE_UNAVAILABLE when it cannot be reached. */
export interface Witness {
  readonly name: string;
  /** The newest checkpoint that it cosigned, where it can tell (ours can). */
  newest?(): Promise<Witnessed | undefined>;
  add(old: number, proof: readonly Uint8Array[], checkpoint: string): Promise<WitnessAnswer>;
}

export interface OwnWitnessDeps {
  /** Of its own, where the sealer cannot write. */
  readonly table: Table;
  readonly signer: Signer;
  readonly name: string;
  readonly origin: string;
  readonly logKeys: readonly string[];
  readonly clock: Clock;
}

const PARTITION = 'WITNESS';

/** What our own witness remembers, as its table has it. Throws TypeError when that is damaged. */
export async function witnessMemory(
  table: Pick<Table, 'get'>,
  origin: string,
): Promise<(Witnessed & { readonly version: number }) | undefined> {
  const item = await table.get(PARTITION, origin);
  if (item === undefined) return undefined;
  const { version, size, root } = item;
  if (typeof version !== 'number' || typeof size !== 'number' || typeof root !== 'string') {
    throw new TypeError('the state of the witness is damaged');
  }
  return { version, size, root: fromBase64(root) };
}

/** Gives a witness that has forgotten everything its memory back; one that remembers keeps what it has. */
export async function remember(
  table: Pick<Table, 'put'>,
  { origin, size, root }: Witnessed & { readonly origin: string },
): Promise<void> {
  await table.put({ pk: PARTITION, sk: origin, version: 1, size, root: base64(root) }, 'absent');
}

/** Our own witness. Checking and remembering are one conditional write: two requests cannot roll it back. */
export function openWitness(deps: OwnWitnessDeps): Witness & Required<Pick<Witness, 'newest'>> {
  const state = () => witnessMemory(deps.table, deps.origin);
  return {
    name: deps.name,
    newest: state,
    async add(old, proof, text) {
      const opened = openCheckpoint(text, deps.origin, deps.logKeys);
      if (!opened.ok) return { ok: false, reason: 'forbidden', detail: opened.detail };
      const { size, root } = opened.checkpoint;
      const before = await state();
      if (old !== (before?.size ?? 0)) return { ok: false, reason: 'conflict', size: before?.size ?? 0 };
      if (before !== undefined && !verifyConsistency(old, before.root, size, root, proof)) {
        return { ok: false, reason: 'inconsistent', detail: `size ${size} does not extend size ${old}` };
      }
      const version = (before?.version ?? 0) + 1;
      const item = { pk: PARTITION, sk: deps.origin, version, size, root: base64(root) };
      const put = await deps.table.put(item, before === undefined ? 'absent' : { version: before.version });
      if (!put.stored) return { ok: false, reason: 'conflict', size: (await state())?.size ?? 0 };
      return { ok: true, line: await cosign(deps, opened.note.text) };
    },
  };
}

async function cosign({ name, signer, clock }: OwnWitnessDeps, text: string): Promise<string> {
  const seconds = Math.floor(clock() / 1_000);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = await signer.sign(cosignedMessage(seconds, text));
  return signatureLine(
    name,
    keyId(name, KEY_TYPE.cosigner, signer.publicKey),
    Buffer.concat([time, signature]),
  );
}

const cosignedMessage = (seconds: number, text: string): Uint8Array =>
  new TextEncoder().encode(`cosignature/v1\ntime ${seconds}\n${text}`);

export interface Cosignature {
  readonly name: string;
  /** Seconds since the epoch. */
  readonly time: number;
}

/** The cosignatures on a checkpoint by witnesses that are trusted; those that do not verify do not count. */
export function cosignatures(note: Note, vkeys: readonly string[]): Cosignature[] {
  const witnesses = keysOf(vkeys).filter(({ type }) => type === KEY_TYPE.cosigner);
  return note.signatures.flatMap(({ name, id, bytes }) => {
    const witness = witnesses.find((known) => known.name === name && known.id === id);
    const key = witness === undefined ? undefined : importPublicKey(witness.publicKey);
    if (key === undefined || bytes.length !== 8 + SIGNATURE_BYTES) return [];
    const seconds = Number(Buffer.from(bytes.subarray(0, 8)).readBigUInt64BE());
    const valid = verifySignature(key, cosignedMessage(seconds, note.text), bytes.subarray(8));
    return valid ? [{ name, time: seconds }] : [];
  });
}

/** The body of `POST /add-checkpoint`: the old size, the proof, an empty line, the checkpoint. */
export const addCheckpointBody = (old: number, proof: readonly Uint8Array[], checkpoint: string): string =>
  `old ${old}\n${proof.map((hash) => `${base64(hash)}\n`).join('')}\n${checkpoint}`;
