/** Help of a service to find entries in its own sealed log, for who takes the log apart over its API. */
import { placeOf, seqKey } from '../src/ledger/bytes.ts';
import { parseProof } from '../src/ledger/check/proof.ts';
import type { TableReader } from '../src/ledger/entry.ts';
import type { ApiClient } from './client.ts';

/** Where the service says that entries are: nothing is believed of it but the place to look at. */
export const hintsOf = (client: ApiClient): TableReader => ({
  get: async () => undefined,
  async query(pk, { to = '' } = {}) {
    const lane = /^SEALED#(\d{8})$/.exec(pk)?.[1];
    const seq = placeOf(to);
    if (lane === undefined || seq < 0) return { items: [] };
    const { status, text } = await client.bytes(`/ledger/entries/${Number(lane)}.${seq}/proof`);
    const proof = status === 200 ? parseProof(text) : undefined;
    return { items: proof === undefined ? [] : [{ pk, sk: seqKey(seq), index: proof.index, count: 1 }] };
  },
});
