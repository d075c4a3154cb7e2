/** One record: what the server shows of it, held in this browser against what was signed. */
import { verifyEntry } from '../../client/verify/entry.ts';
import { useApi } from '../app/context.ts';
import { useLoad } from '../app/load.ts';
import { Awaited, Card, Digest, Facts, Json } from '../app/parts.tsx';
import { href } from '../app/route.ts';
import type { Entry } from '../app/shapes.ts';
import { judged, Verdict } from './verdict.tsx';

const SAID = {
  ok: 'Genuine: signed, in its place and in the tree',
  bad: 'Not genuine: do not rely on this record',
  waiting: 'Not sealed yet',
};

export function EntryPage({ shown }: { readonly shown: Entry }) {
  const api = useApi();
  const { id, record, record_hash } = shown;
  const checked = useLoad(id, () =>
    judged(api, (trust, sources, seen) => verifyEntry(shown, trust, sources, seen)),
  );
  return (
    <>
      <Awaited {...checked}>
        {(verified) => <Verdict of={verified} said={SAID} again={checked.reload} />}
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
