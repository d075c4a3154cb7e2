/** Receipts: what the ledger promised, and whether it kept its word. Asked of the server, or verified here without believing it. */
import type { Client } from 'openapi-fetch';
import type { operations, paths } from './api.gen.ts';
import type { Receipt } from './execute.ts';
import { ProblemError } from './problem.ts';
import type { Trust } from './verify/note.ts';
import { type PromisedEntry, type ReceiptVerified, verifyReceipt } from './verify/receipt.ts';

/** What became of the promise, as the server says it. */
export type ReceiptAudit =
  operations['getLedgerReceiptsCheck']['responses'][200]['content']['application/json'];

export async function checkReceipt(api: Client<paths>, receipt: Receipt): Promise<ReceiptAudit> {
  const { id, lane, seq, record_hash, signature, certificate_hash, time, max_merge_delay_seconds } = receipt;
  const query = { id, lane, seq, record_hash, signature, certificate_hash, time, max_merge_delay_seconds };
  const { data } = await api.GET('/ledger/receipts/check', { params: { query } });
  if (data === undefined) throw new TypeError('The answer has no body.');
  return data;
}

/** The proof of an entry of one's own (`.tlog-proof`); undefined while it is not sealed. */
export async function proofOf(api: Client<paths>, id: string): Promise<string | undefined> {
  try {
    const { data } = await api.GET('/ledger/entries/{id}/proof', {
      params: { path: { id } },
      parseAs: 'text',
    });
    return data;
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'CONFLICT') return undefined;
    throw error;
  }
}

/**
 * Gets the proof and verifies it here: the checkpoint's signature, the way up to its root, and that what stands there is what
 * was promised, byte for byte.
 * @param trust public keys that you got on another way than from this server, or `trustOf` at your first visit and kept since
 */
export async function proveReceipt(
  api: Client<paths>,
  receipt: PromisedEntry,
  trust: Trust,
): Promise<ReceiptVerified> {
  return verifyReceipt(receipt, await proofOf(api, receipt.id), trust);
}

/** The public keys that the server names. */
export async function trustOf(api: Client<paths>): Promise<Trust> {
  const { data } = await api.GET('/ledger/trust');
  if (data === undefined) throw new TypeError('The answer has no body.');
  return data;
}
