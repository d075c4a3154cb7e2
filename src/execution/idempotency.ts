/**
 * `Idempotency-Key`: one key, one run. The same key gives the first answer again for 24 hours. One item per principal and key, moved
 * by conditional writes only; it holds the id that the first request's decision has or will have, and by which its run is found:
 *
 *   (absent) → running → done        the answer is kept
 *                      → open        an answer that is not the last: it waits for approval, or runs on
 *                      → free        nothing was begun (a limit was hit): the next request is a new one
 *   running or open → done           when the first run has ended, whoever ran it; until then the key stays with it
 *   running, lease over, and nothing was begun → running     the runner died before: the next one takes over, under the same id
 *
 * So neither a crash nor a lost answer of the engine makes a second run of one key.
 */
import { sha256 } from '../basics/digest.ts';
import { ChanceryError } from '../errors.ts';
import type { Pseudonym } from '../ledger/people/pseudonym.ts';
import type { Vault } from '../ledger/people/vault.ts';
import type { Clock, Ids, Item, Log, Table } from '../ports.ts';
import type { PrincipalId } from '../terms.ts';

export interface IdempotencyDeps {
  readonly table: Table;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Who asks is personal and must not become a key of the store. */
  readonly pseudonym: Pseudonym;
  /** Answers can hold personal values too. */
  readonly vault: Vault;
}

export interface IdempotentRequest {
  readonly who: PrincipalId;
  /** As the client sent it, 1 to 255 printable characters. */
  readonly key: string;
  /** Digest of the body: the key stands for one request. */
  readonly digest: string;
}

/** `final` is kept and given again; `open` is given again until `earlier` knows the end; `free` is forgotten. */
export type Keeping = 'final' | 'open' | 'free';

/** What became of the first request of a key. */
export type Earlier<T> =
  /** No run of it was begun, and none will be. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'underway' }
  /** The answer, and whether it stays so. */
  | { readonly kind: 'ended'; readonly answer: T; readonly final: boolean };

export interface Once<T> {
  /** Does it under this decision id. */
  readonly work: (decision_id: string) => Promise<T>;
  readonly keep: (answer: T) => Keeping;
  /** Asked when the runner is gone, or its answer was not the last. */
  readonly earlier: (decision_id: string) => Promise<Earlier<T>>;
}

export interface Idempotency {
  /**
   * Runs `work` once per key. Throws IDEMPOTENCY_CONFLICT for another body, and, with `Retry-After`, while the first
   * still runs or its end is not known yet.
   */
  once<T extends object>(
    request: IdempotentRequest,
    deed: Once<T>,
  ): Promise<{ readonly answer: T; readonly replayed: boolean }>;
}

const KEPT_MS = 24 * 3_600_000;
/** Longer than the gateway lets any request take, so a live runner is never taken over. */
const LEASE_MS = 60_000;
/** Most runs end within seconds, long ones answer at once: nobody need wait for the whole lease. */
const ASK_AGAIN_MS = 1_000;
const KEY = /^[\x21-\x7e]{1,255}$/;

export function createIdempotency(deps: IdempotencyDeps): Idempotency {
  const { table, clock } = deps;

  type Held = { readonly claimed: Item } | { readonly answer: unknown };

  /** Takes the key for this runner. An item that comes back with `owner` of ours is our own ambiguous write. */
  async function claim<T extends object>(
    request: IdempotentRequest,
    { earlier }: Pick<Once<T>, 'earlier'>,
  ): Promise<Held> {
    const now = clock();
    const claimed = {
      pk: `IDEMPOTENCY#${deps.pseudonym(request.who)}`,
      sk: sha256(request.key),
      state: 'running',
      digest: request.digest,
      decision_id: deps.ids('dec'),
      owner: deps.ids('idk'),
      version: 1,
      lease_until: now + LEASE_MS,
      expires: Math.ceil((now + KEPT_MS) / 1000),
    };
    if ((await table.put(claimed, 'absent')).stored) return { claimed };
    const held = await table.get(claimed.pk, claimed.sk);
    if (held === undefined) throw running(1000); // removed between the two: the client's retry finds it free
    if (held.owner === claimed.owner) return { claimed };
    const version = Number(held.version);
    const next = { ...claimed, version: version + 1 };
    if (Number(held.expires) * 1000 <= now || held.state === 'free') return takeOver(next, version);
    if (held.digest !== request.digest)
      throw new ChanceryError('IDEMPOTENCY_CONFLICT', 'This Idempotency-Key was used for another request.');
    const kept = typeof held.answer === 'string' ? await deps.vault.open(held.answer) : undefined;
    if (held.state === 'done') return kept === undefined ? takeOver(next, version) : { answer: kept };
    const decision_id = String(held.decision_id);
    const found = await earlier(decision_id);
    if (found.kind === 'ended') {
      if (found.final) await end(held, request.who, 'final', found.answer);
      return { answer: found.answer };
    }
    if (kept !== undefined) return { answer: kept };
    const left = Number(held.lease_until) - now;
    if (left > 0) throw running(Math.min(left, ASK_AGAIN_MS));
    if (found.kind === 'underway') throw running(ASK_AGAIN_MS);
    return takeOver({ ...next, decision_id }, version);
  }

  async function takeOver(next: Item, version: number): Promise<Held> {
    if (!(await table.put(next, { version })).stored) throw running(1000);
    return { claimed: next };
  }

  /** Ends the claim. It is not stored if the lease ran out and another took over: then theirs counts. */
  async function end(
    claimed: Item,
    who: PrincipalId,
    keeping: Keeping | 'unknown',
    kept?: object,
  ): Promise<void> {
    const version = Number(claimed.version);
    try {
      const state = { final: 'done', open: 'open', free: 'free', unknown: 'running' }[keeping];
      const ended = { ...claimed, state, lease_until: 0, version: version + 1 };
      const item = kept === undefined ? ended : { ...ended, answer: await deps.vault.seal(who, kept) };
      await table.put(item, { version });
    } catch (error) {
      // What the work did is done and recorded; the caller gets that, and the key is asked after by its decision.
      deps.log.write('error', 'idempotency', 'The end of a claim could not be stored.', { error });
    }
  }

  return {
    async once<T extends object>(request: IdempotentRequest, deed: Once<T>) {
      const { who } = request;
      if (!KEY.test(request.key)) throw badKey();
      const held = await claim(request, deed);
      // Only an answer of this function's own work was stored under the key.
      if ('answer' in held) return { answer: held.answer as T, replayed: true };
      const { claimed } = held;
      try {
        const answer = await deed.work(String(claimed.decision_id));
        const keeping = deed.keep(answer);
        await end(claimed, who, keeping, keeping === 'free' ? undefined : answer);
        return { answer, replayed: false };
      } catch (error) {
        // It may have begun: a lost answer of the engine ends here too. Whoever comes next finds out.
        await end(claimed, who, 'unknown');
        throw error;
      }
    },
  };
}

function badKey(): ChanceryError {
  const message = 'Idempotency-Key must be 1 to 255 printable ASCII characters.';
  return new ChanceryError('VALIDATION_ERROR', message, {
    reasons: [{ code: 'invalid_idempotency_key', path: 'header:Idempotency-Key', message, kind: 'invalid' }],
  });
}

function running(left_ms: number): ChanceryError {
  return new ChanceryError(
    'IDEMPOTENCY_CONFLICT',
    'The first request with this Idempotency-Key is still running.',
    {
      headers: { 'retry-after': String(Math.max(1, Math.ceil(left_ms / 1000))) },
    },
  );
}
