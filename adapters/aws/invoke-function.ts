/** Calls a function: Lambda's `Invoke` (API version 2015-03-31), waiting for its answer or not. */
import type { Json } from '../../src/json.ts';
import { fetchSigned, type SignedFetch } from './signed-fetch.ts';

export interface InvokeWhere extends SignedFetch {
  readonly region: string;
  /** A stand-in's address; AWS's own when absent. */
  readonly endpoint?: string;
}

/** The function does what it does while nobody waits. @param arn with its alias. Throws when Lambda does not take it. */
export async function invokeLater(arn: string, where: InvokeWhere): Promise<void> {
  await invoke(arn, {}, 'Event', where);
}

/** What the function answered, as JSON. Throws when it failed or was not reached within ten seconds. */
export async function invokeAndWait(arn: string, event: Json, where: InvokeWhere): Promise<unknown> {
  const response = await invoke(arn, event, 'RequestResponse', where);
  const answer: unknown = await response.json();
  const failed = response.headers.get('x-amz-function-error');
  if (failed !== null) throw new Error(`${arn} failed (${failed}): ${JSON.stringify(answer)}`);
  return answer;
}

const PATIENCE_MS = 10_000;

async function invoke(
  arn: string,
  event: Json,
  type: 'Event' | 'RequestResponse',
  where: InvokeWhere,
): Promise<Response> {
  const base = where.endpoint ?? `https://lambda.${where.region}.amazonaws.com`;
  const { href: url } = new URL(`/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`, base);
  const body = JSON.stringify(event);
  const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': type };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetchSigned(where, url, { method: 'POST', headers, body, signal });
  if (!response.ok) throw new Error(`${arn} was not called: ${response.status} ${await response.text()}`);
  return response;
}
