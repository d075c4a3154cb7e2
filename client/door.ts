/** The one way to the API: the caller's token, a limit of time, and another try where that is safe. */
import { retryAfter, UnreachableError } from './problem.ts';

export interface Access {
  /** Where the API is, its stage included: `http://127.0.0.1:8787`, `https://….amazonaws.com/v1`. */
  readonly url: string;
  /** The caller's token, or what gets one: asked before each try, so that it can be renewed in time. Left out: none is sent. */
  readonly token?: string | (() => string | Promise<string>);
  /** How often a request is sent at most: 3. Only what changes nothing or has an `Idempotency-Key` is sent again. */
  readonly tries?: number;
  /** A longer `Retry-After` is not waited for: 30 seconds. */
  readonly patienceSeconds?: number;
  /** One try may take this long: 60,000. */
  readonly timeoutMs?: number;
  /** Instead of the global one. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Instead of a timer. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** Answers of every status; throws UnreachableError where none comes. */
export type Door = (request: Request) => Promise<Response>;

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const FIRST_PAUSE_MS = 200;

export const pauseFor = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export function openDoor(access: Access): Door {
  const {
    token,
    tries = 3,
    patienceSeconds = 30,
    timeoutMs = 60_000,
    fetch: send = fetch,
    pause = pauseFor,
  } = access;

  const shown = async (): Promise<string | undefined> => (typeof token === 'function' ? token() : token);

  /** How long to wait before another try; undefined where the answer stands. */
  function again(response: Response): number | undefined {
    if (![409, 429, 503].includes(response.status)) return undefined;
    const seconds = retryAfter(response.headers);
    return seconds === undefined || seconds > patienceSeconds ? undefined : seconds * 1_000;
  }

  return async (request) => {
    const repeatable = SAFE.has(request.method) || request.headers.has('idempotency-key');
    for (let left = repeatable ? tries : 1; ; left -= 1) {
      const last = left <= 1;
      const asked = last ? request : request.clone();
      const bearer = await shown();
      if (bearer !== undefined) asked.headers.set('authorization', `Bearer ${bearer}`);
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
      const answer = await send(new Request(asked, { signal })).catch((cause: unknown) => {
        if (request.signal.aborted) throw cause;
        if (last) throw new UnreachableError(access.url, cause);
        return undefined;
      });
      const wait = answer === undefined ? FIRST_PAUSE_MS * 2 ** (tries - left) : again(answer);
      if (answer !== undefined && (last || wait === undefined)) return answer;
      await answer?.body?.cancel();
      await pause(wait ?? 0);
    }
  };
}
