/**
 * A client in TypeScript, with nothing but what Node brings: one governed execution, then the record that its receipt names.
 * CHANCERY_TOKEN is the caller's, CHANCERY_URL where Chancery answers. `npx node examples/client/client.ts`
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const url = process.env.CHANCERY_URL ?? 'http://127.0.0.1:8787';
const authorization = `Bearer ${process.env.CHANCERY_TOKEN ?? ''}`;

/** RFC 9457, as every refusal is. */
interface Problem {
  readonly code: string;
  readonly error: string;
  readonly reasons?: readonly { readonly code: string; readonly path?: string; readonly message: string }[];
  readonly trace_id?: string;
}

interface Answer {
  readonly outcome: string;
  readonly governance_summary: string;
  readonly receipt: { readonly id: string; readonly record_hash: string };
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url + path, { ...init, headers: { authorization, ...init.headers } });
  if (response.ok) return (await response.json()) as T;
  const { code, error, reasons = [], trace_id } = (await response.json()) as Problem;
  const lines = reasons.map((reason) => `  ${reason.path ?? ''} ${reason.code}: ${reason.message}`);
  throw new Error([`${code}: ${error} (trace ${trace_id})`, ...lines].join('\n'));
}

const answer = await ask<Answer>('/workflows/governed/execute', {
  method: 'POST',
  // The same key gives the first answer again: a request whose answer was lost may be repeated with it.
  headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
  body: await readFile(new URL('request.json', import.meta.url)),
});
console.log(answer.governance_summary);

const entry = await ask<{ record_hash: string; record: { type: string } }>(
  `/ledger/entries/${answer.receipt.id}`,
);
if (entry.record_hash !== answer.receipt.record_hash)
  throw new Error('the record is not what the receipt promised');
console.log(`record ${answer.receipt.id}, ${entry.record.type}, is what the receipt promised`);
