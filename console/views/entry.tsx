/** One record: what the server shows of it, held in this browser against what was signed. */

import { fromBase64 } from '../../client/verify/bytes.ts';
import {
  type StepName,
  type StepVerdict,
  type Verified,
  type VerifySources,
  verifyEntry,
} from '../../client/verify/entry.ts';
import type { Api } from '../app/api.ts';
import { ApiError } from '../app/api.ts';
import { useApi } from '../app/context.ts';
import { type Believed, believe, believedKeys, rememberHead, seenHead } from '../app/keys.ts';
import { useLoad } from '../app/load.ts';
import { Awaited, Card, Digest, Facts, Json } from '../app/parts.tsx';
import { href } from '../app/route.ts';
import { consistency, type Entry } from '../app/shapes.ts';
import { visible } from '../app/text.ts';

const TITLES: Readonly<Record<StepName, string>> = {
  checkpoint: 'Checkpoint',
  history: 'History',
  inclusion: 'Inclusion',
  certificate: 'Certificate',
  signature: 'Signature',
  link: 'Link',
  shown: 'This page',
};

const SUMMARY: Readonly<Record<StepVerdict, string>> = {
  ok: 'Genuine: signed, in its place and in the tree',
  bad: 'Not genuine: do not rely on this record',
  waiting: 'Not sealed yet',
};
const SIGNS: Readonly<Record<StepVerdict, string>> = { ok: '✓', bad: '✗', waiting: '…' };

/** Refusals that say that something is not there are answers; others are problems of this page. */
const unless = (statuses: readonly number[]) => (error: unknown) => {
  if (error instanceof ApiError && statuses.includes(error.problem.status)) return undefined;
  throw error;
};

const sourcesOf = (api: Api): VerifySources => ({
  proof: (id) => api.text(`/ledger/entries/${encodeURIComponent(id)}/proof`).catch(unless([404, 409])),
  consistency: async (from, to) => {
    const answer = await api
      .get(`/ledger/consistency?from=${from}&to=${to}`, consistency)
      .catch(unless([400]));
    return answer?.proof.flatMap((hash) => fromBase64(hash) ?? []);
  },
});

async function verify(api: Api, shown: Entry): Promise<Verified & { readonly keys: Believed }> {
  const keys = await believedKeys(api, Date.now());
  const verified = await verifyEntry(shown, keys.trust, sourcesOf(api), seenHead(keys.trust));
  if (verified.verdict === 'ok' && verified.head !== undefined) rememberHead(keys.trust, verified.head);
  return { ...verified, keys };
}

export function EntryPage({ shown }: { readonly shown: Entry }) {
  const api = useApi();
  const { id, record, record_hash } = shown;
  const checked = useLoad(id, () => verify(api, shown));
  return (
    <>
      <Awaited {...checked}>
        {(verified) => (
          <section class={`verdict ${verified.verdict}`} aria-labelledby="verdict">
            <h2 id="verdict">
              <span aria-hidden="true">{SIGNS[verified.verdict]}</span>{' '}
              <output>{SUMMARY[verified.verdict]}</output>
            </h2>
            <ul class="steps">
              {verified.steps.map((step) => (
                <li key={step.name} class={step.verdict}>
                  <strong>
                    <span aria-hidden="true">{SIGNS[step.verdict]}</span> {TITLES[step.name]}
                  </strong>
                  <span class="unseen">{step.verdict}</span> {visible(step.detail)}
                </li>
              ))}
            </ul>
            <Keys of={verified.keys} onBelieve={checked.reload} />
            <button type="button" onClick={checked.reload}>
              Verify again
            </button>
          </section>
        )}
      </Awaited>
      <Card title={`Record ${id}`}>
        <Facts
          of={{
            Type: record.type,
            Time: record.time,
            Trace: <Digest text={record.trace} length={32} />,
            Subject: record.subject && <Digest text={record.subject} length={24} />,
            'Record hash': <Digest text={record_hash} length={24} />,
            Decision: record.type.startsWith('decision.') ? (
              <a href={href('decisions', id)}>why it was decided so</a>
            ) : undefined,
          }}
        />
        <Json label={`Record ${id} as JSON`} value={record} />
      </Card>
    </>
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
