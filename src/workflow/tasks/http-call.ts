/**
 * Task `http_call`: one request to an endpoint of the operator's configuration. The definition names the
 * endpoint and the path below it; a caller's parameters can only ever be body, so no request of theirs
 * chooses where we connect to.
 *
 * Errors: `EndpointMissing` (not configured), `EndpointUnavailable` (network, 408, 429, 5xx: worth a retry),
 * `EndpointRefused` (any other status), `EndpointAnswer` (larger than we read).
 */
import * as z from 'zod';
import { runSpanId } from '../../basics/trace.ts';
import type { Json } from '../../json.ts';
import type { Tracer } from '../../ports.ts';
import { readInput, type Task, TaskError } from './task.ts';

export interface HttpCallDeps {
  readonly fetch: typeof fetch;
  /** Setting's name → base URL, without a slash at its end; undefined when the operator has set none. */
  readonly endpoints: Readonly<Record<string, string | undefined>>;
  /** Setting's name → bearer token for it. */
  readonly tokens?: Readonly<Record<string, string | undefined>>;
  /** Each call is a span below the run's, and names itself to the far side. */
  readonly tracer: Tracer;
}

const inputSchema = z.strictObject({
  endpoint: z.string(),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  path: z.string().regex(/^(\/[A-Za-z0-9_-]+)*$/, 'is not a plain path'),
  body: z.json().optional(),
  execution_id: z.string(),
  trace_id: z.string().optional(),
  tracestate: z.string().optional(),
});

const LARGEST_ANSWER = 100_000;
const WORTH_RETRY: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Output: `{status, body}`, the body parsed when it is JSON. */
export function httpCall({ fetch, endpoints, tokens = {}, tracer }: HttpCallDeps): Task {
  return async (raw, { signal }) => {
    const input = readInput(inputSchema, raw);
    const base = endpoints[input.endpoint];
    if (base === undefined || base === '')
      throw new TaskError(
        'EndpointMissing',
        `${input.endpoint} is not set: configure it with the URL to call.`,
      );
    const token = tokens[input.endpoint];
    const request = {
      method: input.method,
      headers: {
        accept: 'application/json',
        // The far side can tell our retry of one run from a second run.
        'idempotency-key': input.execution_id,
        ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      redirect: 'error', // an endpoint that sends us elsewhere is not the configured one
      signal,
    } as const;
    const where = `${input.method} ${input.endpoint}${input.path}`;
    const url = base.replace(/\/+$/, '') + input.path;
    return tracer.span(input.method, callSpan(input, url), async (note) => {
      const headers = { ...request.headers, ...tracer.headers() };
      let status: number;
      let text: string;
      try {
        const response = await fetch(url, { ...request, headers });
        status = response.status;
        text = await readAtMost(response, LARGEST_ANSWER);
      } catch (cause) {
        if (cause instanceof TaskError) throw cause;
        throw new TaskError('EndpointUnavailable', `${where} did not answer.`, cause);
      }
      note({ 'http.response.status_code': status });
      if (WORTH_RETRY.has(status)) throw new TaskError('EndpointUnavailable', `${where} answered ${status}.`);
      if (status < 200 || status > 299)
        throw new TaskError('EndpointRefused', `${where} answered ${status}.`);
      return { status, body: parseOr(text) };
    });
  };
}

/**
 * By the conventions for HTTP clients. A function of its own is told which trace it is in; the run's span, which it
 * is below, has an id that follows from the execution.
 */
function callSpan(input: z.infer<typeof inputSchema>, url: string) {
  const { hostname, port, protocol } = new URL(url);
  return {
    kind: 'client',
    ...(input.trace_id === undefined
      ? {}
      : { trace_id: input.trace_id, parent_id: runSpanId(input.execution_id) }),
    ...(input.tracestate ? { tracestate: input.tracestate } : {}),
    'http.request.method': input.method,
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    'url.full': url,
  } as const;
}

async function readAtMost(response: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw new TaskError('EndpointAnswer', `The answer is larger than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const anyJson = z.json();

function parseOr(text: string): Json {
  try {
    return anyJson.parse(JSON.parse(text));
  } catch {
    return text; // an answer that is no JSON is passed on as the text that it is
  }
}
