/**
 * `Idempotency-Key`: the same key gives the first answer again for 24 hours, and never runs twice because a
 * client asked twice. One item per principal and key, moved by conditional writes only:
 *
 *   (absent) → running → done        the answer is kept
 *                      → free        the work failed to come to an answer: whoever comes next may try
 *   running, lease over → running    the runner died: the next one takes over
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

export interface Idempotency {
  /**
   * Runs `work` once per key. `keep` says whether an answer is final (default: yes); what is not kept may be
   * asked for again. Throws IDEMPOTENCY_CONFLICT for another body, and while the first is still running (then
   * with `Retry-After`).
   */
  once<T extends object>(
    request: IdempotentRequest,
    work: () => Promise<T>,
    keep?: (answer: T) => boolean,
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

  /** Takes the key for this runner. An item that comes back with `owner` of ours is our own ambiguous write. */
  async function claim(request: IdempotentRequest): Promise<{ claimed: Item } | { answer: unknown }> {
    const now = clock();
    const claimed = {
      pk: `IDEMPOTENCY#${deps.pseudonym(request.who)}`,
      sk: sha256(request.key),
      state: 'running',
      digest: request.digest,
      owner: deps.ids('idk'),
      version: 1,
      lease_until: now + LEASE_MS,
      expires: Math.ceil((now + KEPT_MS) / 1000),
    };
    if ((await table.put(claimed, 'absent')).stored) return { claimed };
    const held = await table.get(claimed.pk, claimed.sk);
    if (held === undefined) throw running(1000); // removed between the two: the client's retry finds it free
    if (held.owner === claimed.owner) return { claimed };
    const over = Number(held.expires) * 1000 <= now || held.state === 'free';
    if (!over && held.digest !== request.digest)
      throw new ChanceryError('IDEMPOTENCY_CONFLICT', 'This Idempotency-Key was used for another request.');
    const answer = !over && held.state === 'done' ? await deps.vault.open(String(held.answer)) : undefined;
    if (answer !== undefined) return { answer };
    const left = Number(held.lease_until) - now;
    if (!over && left > 0) throw running(Math.min(left, ASK_AGAIN_MS));
    const next = { ...claimed, version: Number(held.version) + 1 };
    if (!(await table.put(next, { version: Number(held.version) })).stored) throw running(1000);
    return { claimed: next };
  }

  /** Ends the claim. It is not stored if the lease ran out and another took over: then theirs counts. */
  async function end(claimed: Item, who: PrincipalId, kept?: object): Promise<void> {
    const version = Number(claimed.version);
    try {
      const ended: Item =
        kept === undefined
          ? { ...claimed, state: 'free' }
          : { ...claimed, state: 'done', answer: await deps.vault.seal(who, kept) };
      await table.put({ ...ended, version: version + 1 }, { version });
    } catch (error) {
      // What the work did is done and recorded; the caller gets that, and the lease frees the key.
      deps.log.write('error', 'idempotency', 'The end of a claim could not be stored.', { error });
    }
  }

  return {
    async once<T extends object>(request: IdempotentRequest, work: () => Promise<T>, keep = (_: T) => true) {
      const { who } = request;
      if (!KEY.test(request.key)) throw badKey();
      const held = await claim(request);
      // Only an answer of this function's own work was stored under the key.
      if ('answer' in held) return { answer: held.answer as T, replayed: true };
      try {
        const answer = await work();
        await end(held.claimed, who, keep(answer) ? answer : undefined);
        return { answer, replayed: false };
      } catch (error) {
        await end(held.claimed, who);
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
