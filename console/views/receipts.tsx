/** Receipts: whoever was given one holds the ledger to its word here, for records of their own with any token. */
import { useState } from 'preact/hooks';
import { type PromisedRecord, receiptIn, verifyPromise } from '../../client/verify/promise.ts';
import { query } from '../app/api.ts';
import { useApi } from '../app/context.ts';
import { useLoad } from '../app/load.ts';
import { Awaited, Badge, Card, Digest, Facts, Json } from '../app/parts.tsx';
import { href } from '../app/route.ts';
import { receiptAudit } from '../app/shapes.ts';
import { judged, Verdict } from './verdict.tsx';

const SAID = {
  ok: 'Kept: what was promised is signed and in the tree',
  bad: 'Not shown to be kept: keep the receipt',
  waiting: 'Not sealed yet',
};

export function Receipts() {
  const [text, setText] = useState('');
  const [given, setGiven] = useState<PromisedRecord>();
  const [wrong, setWrong] = useState(false);
  const check = (from: string) => {
    const found = receiptIn(parsed(from));
    setGiven(found);
    setWrong(found === undefined);
  };
  const take = async (file: File | undefined) => {
    const read = await file?.text();
    if (read === undefined) return;
    setText(read);
    check(read);
  };
  return (
    <>
      <form
        aria-label="A receipt"
        onSubmit={(event) => {
          event.preventDefault();
          check(text);
        }}
      >
        <label class="field">
          A receipt, or an answer that carries one, as JSON
          <textarea
            rows={6}
            spellcheck={false}
            required
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <div class="toolbar">
          <label class="field">
            or a file that holds it
            <input
              type="file"
              accept="application/json,.json"
              onChange={(event) => take(event.currentTarget.files?.[0])}
            />
          </label>
          <button type="submit" class="primary">
            Verify
          </button>
        </div>
      </form>
      {wrong ? (
        <p class="problem" role="alert">
          There is no receipt in it: paste one, or the whole answer that carries it.
        </p>
      ) : null}
      {given === undefined ? null : <Kept key={JSON.stringify(given)} receipt={given} />}
    </>
  );
}

function Kept({ receipt }: { readonly receipt: PromisedRecord }) {
  const api = useApi();
  const { id, record_hash, time } = receipt;
  const checked = useLoad(record_hash, () =>
    judged(api, (trust, sources, seen) => verifyPromise(receipt, trust, sources, seen)),
  );
  const asked = useLoad(record_hash, () =>
    api.get(query('/ledger/receipts/check', { ...receipt }), receiptAudit),
  );
  const again = () => {
    checked.reload();
    asked.reload();
  };
  return (
    <div class="detail">
      <Awaited {...checked}>{(verified) => <Verdict of={verified} said={SAID} again={again} />}</Awaited>
      <Card title="What the server says">
        <Awaited {...asked}>
          {({ status, detail, seconds_left, seconds_over, contradiction }) => (
            <Facts
              of={{
                Promise: <Badge word={status} />,
                Why: detail ?? contradiction?.what,
                'Time left': seconds_left && `${seconds_left.toFixed(1)} s`,
                'Time over': seconds_over && `${seconds_over.toFixed(1)} s`,
                Entry: <a href={href('ledger', id)}>{id}</a>,
                'Promised at': time,
                'Record hash': <Digest text={record_hash} length={24} />,
              }}
            />
          )}
        </Awaited>
      </Card>
      {checked.data?.record === undefined ? null : (
        <Card title={`What stands sealed at ${id}`}>
          <Json label={`Record ${id} as JSON`} value={checked.data.record} />
        </Card>
      )}
    </div>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON holds no receipt.
    return undefined;
  }
}
