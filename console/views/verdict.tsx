/** What came of verifying something in this browser, step by step, and whose keys were believed for it. */

import { fromBase64 } from '../../client/verify/bytes.ts';
import type { Trust } from '../../client/verify/note.ts';
import type { StepName, StepVerdict, Verified, VerifySources } from '../../client/verify/sealed.ts';
import type { TreeHead } from '../../client/verify/tree.ts';
import { type Api, ApiError } from '../app/api.ts';
import { type Believed, believe, believedKeys, rememberHead, seenHead } from '../app/keys.ts';
import { consistency } from '../app/shapes.ts';
import { visible } from '../app/text.ts';

const TITLES: Readonly<Record<StepName, string>> = {
  checkpoint: 'Checkpoint',
  history: 'History',
  inclusion: 'Inclusion',
  certificate: 'Certificate',
  signature: 'Signature',
  link: 'Link',
  shown: 'This page',
  promised: 'Receipt',
};
const SIGNS: Readonly<Record<StepVerdict, string>> = { ok: '✓', bad: '✗', waiting: '…', skipped: '–' };

/** Refusals that say that something is not there are answers; others are problems of this page. */
const unless = (statuses: readonly number[]) => (error: unknown) => {
  if (error instanceof ApiError && statuses.includes(error.problem.status)) return undefined;
  throw error;
};

const sourcesOf = (api: Api): VerifySources => ({
  proof: (id) => api.text(`/ledger/entries/${encodeURIComponent(id)}/proof`).catch(unless([404, 409])),
  consistency: async (from, to) => {
    try {
      const { proof } = await api.get(`/ledger/consistency?from=${from}&to=${to}`, consistency);
      return proof.flatMap((hash) => fromBase64(hash) ?? []);
    } catch (error) {
      if (error instanceof ApiError && error.problem.status === 403) return 'not_allowed';
      return unless([400])(error);
    }
  },
});

export interface Judged extends Verified {
  readonly keys: Believed;
}

/** Verifies with the keys that this browser believes, and remembers the head of the log when all was well. */
export async function judged(
  api: Api,
  verify: (trust: Trust, sources: VerifySources, seen: TreeHead | undefined) => Promise<Verified>,
): Promise<Judged> {
  const keys = await believedKeys(api, Date.now());
  const verified = await verify(keys.trust, sourcesOf(api), seenHead(keys.trust));
  if (verified.verdict === 'ok' && verified.head !== undefined) rememberHead(keys.trust, verified.head);
  return { ...verified, keys };
}

export function Verdict({
  of: { verdict, steps, keys },
  said,
  again,
}: {
  readonly of: Judged;
  /** The whole in a sentence. */
  readonly said: Readonly<Record<Judged['verdict'], string>>;
  readonly again: () => void;
}) {
  return (
    <section class={`verdict ${verdict}`} aria-labelledby="verdict">
      <h2 id="verdict">
        <span aria-hidden="true">{SIGNS[verdict]}</span> <output>{said[verdict]}</output>
      </h2>
      <ul class="steps">
        {steps.map((step) => (
          <li key={step.name} class={step.verdict}>
            <strong>
              <span aria-hidden="true">{SIGNS[step.verdict]}</span> {TITLES[step.name]}
            </strong>
            <span class="unseen">{step.verdict}</span> {visible(step.detail)}
          </li>
        ))}
      </ul>
      <Keys of={keys} onBelieve={again} />
      <button type="button" onClick={again}>
        Verify again
      </button>
    </section>
  );
}

function Keys({ of: keys, onBelieve }: { readonly of: Believed; readonly onBelieve: () => void }) {
  const { trust, since, fingerprint, offered } = keys;
  return (
    <details open={offered !== undefined}>
      <summary>Keys of {visible(trust.origin)}</summary>
      <p>
        Believed by this browser since {since.slice(0, 10)}. Compare the fingerprint with one that the keeper
        of the ledger cannot change: <code class="wrap">{fingerprint}</code>
      </p>
      {offered === undefined ? null : (
        <div class="problem" role="alert">
          <p>
            The server now names other keys. Where they were rotated, that is as it should be; where nobody
            told you, it is not. Until you take them, records are verified with the keys that you know.
          </p>
          <button
            type="button"
            class="danger"
            onClick={() => {
              believe(offered, Date.now());
              onBelieve();
            }}
          >
            Take the new keys
          </button>
        </div>
      )}
    </details>
  );
}
