/** Wakes a function and does not wait for it: Lambda's `Invoke`, asynchronous (API version 2015-03-31). */
import type { Clock } from '../../src/ports.ts';
import type { Sign } from './sigv4.ts';

export interface InvokeWhere {
  readonly region: string;
  /** A stand-in's address; AWS's own when absent. */
  readonly endpoint?: string;
  readonly sign: Sign;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** @param arn of the function, with its alias. Throws when Lambda does not take it. */
export async function invokeLater(arn: string, where: InvokeWhere): Promise<void> {
  const base = where.endpoint ?? `https://lambda.${where.region}.amazonaws.com`;
  const { href: url } = new URL(`/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`, base);
  const body = '{}';
  const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' };
  // `host` is signed, and sent by fetch itself.
  const { host: _, ...signed } = await where.sign(
    { method: 'POST', url, headers, body },
    new Date(where.clock()),
  );
  const response = await where.fetch(url, { method: 'POST', headers: signed, body });
  if (!response.ok) throw new Error(`${arn} was not woken: ${response.status} ${await response.text()}`);
}
