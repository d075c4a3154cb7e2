/**
 * The sealed log over HTTP: checkpoint, tiles and proofs in the public C2SP formats, so that
 * other people's tools verify it, and a report over a range.
 */
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import { base64 } from '../../src/ledger/bytes.ts';
import {
  formatProof,
  type LogView,
  type Published,
  proveConsistency,
  proveEntry,
  publishedCheckpoint,
} from '../../src/ledger/check/proof.ts';
import { genuineEntry } from '../../src/ledger/genuine.ts';
import type { Pseudonym } from '../../src/ledger/people/pseudonym.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import { reportOn } from '../../src/ledger/report.ts';
import type { Trust } from '../../src/ledger/trust.ts';
import { readQuery } from '../body.ts';
import { represented } from '../conditional.ts';
import { size } from '../number.ts';
import { inOrder, period } from '../period.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { ownEntry, recordReading } from './ledger.ts';

export interface LogRoutesDeps {
  readonly ledger: Ledger;
  readonly view: LogView;
  readonly trust: Trust;
  readonly pseudonym: Pseudonym;
}

const consistencyQuery = closed({ from: size, to: size.optional() });
const reportQuery = closed(period).check(inOrder);
const TILE = /^tile\/(entries|\d{1,2})\/(x\d{3}\/)*\d{3}(\.p\/\d{1,3})?$/;

export function logRoutes(deps: LogRoutesDeps): RouteFamily {
  const { view } = deps;
  const own = ownEntry({ ...deps, table: view.table });
  return (mount) => {
    const checkpoint = async (c: Ctx) => plain(c, (await published(view)).text);
    const about = { method: 'get', scope: 'ledger:read', tag: 'ledger' } as const;
    mount(
      {
        ...about,
        path: '/ledger/checkpoint',
        summary: 'The newest checkpoint: a C2SP signed note',
        produces: TEXT,
        responses: ONCE_SEALED,
      },
      checkpoint,
    );
    mount(
      {
        ...about,
        path: '/checkpoint',
        summary: 'The same, where tlog-tiles tools look for it',
        produces: TEXT,
        responses: ONCE_SEALED,
      },
      checkpoint,
    );

    mount(
      {
        ...about,
        path: '/ledger/trust',
        summary: 'The public keys that a verifier starts from',
        // Public keys: whoever was given a receipt needs them to hold the ledger to its word.
        own: async () => true,
      },
      (c) =>
        represented(c, {
          content: JSON.stringify(deps.trust),
          type: 'application/json',
          cacheControl: 'no-cache',
        }),
    );

    mount(
      {
        ...about,
        path: '/tile/:level/:name{.+}',
        summary: 'A tile or an entry bundle, as tlog-tiles names it',
        produces: ['application/octet-stream'],
      },
      async (c) => {
        const name = c.req.path.slice(1);
        const bytes = TILE.test(name) ? await view.log.get(name) : undefined;
        if (bytes === undefined) throw new ChanceryError('NOT_FOUND', 'There is no such tile.');
        return represented(c, {
          content: bytes,
          type: 'application/octet-stream',
          cacheControl: 'private, max-age=31536000, immutable',
        });
      },
    );

    mount(
      {
        ...about,
        path: '/ledger/entries/:id/proof',
        summary:
          'That the entry is in the tree: a C2SP .tlog-proof, checked offline; one’s own, and a lane’s first, without the scope as well',
        // The first of a lane is its certificate: who holds a receipt needs the key that signed it, as the public keys of the log.
        own: async (c, caller) => isFirstOfLane(c.req.param('id')) || own(c, caller),
        produces: TEXT,
        responses: {
          200: { description: 'text/plain' },
          409: { description: 'Not sealed yet; try again shortly' },
        },
      },
      async (c) => {
        const id = c.req.param('id') ?? '';
        const proof = await proveEntry(view, id);
        if (proof === undefined) {
          if ((await genuineEntry({ table: view.table, trust: deps.trust }, id)) === undefined)
            throw new ChanceryError('NOT_FOUND', 'There is no entry of this id.');
          const headers = { 'Retry-After': String(deps.trust.max_merge_delay_seconds) };
          throw new ChanceryError('CONFLICT', 'The entry is recorded and not sealed yet.', { headers });
        }
        await recordReading(deps, c, { what: 'proof', id });
        return plain(c, formatProof(proof));
      },
    );

    mount(
      {
        ...about,
        path: '/ledger/consistency',
        summary: 'That the tree of size `to` extends the tree of size `from` (RFC 6962)',
        query: consistencyQuery,
        responses: ONCE_SEALED,
      },
      async (c) => {
        const query = readQuery(c, consistencyQuery);
        const { text, checkpoint: newest } = await published(view);
        const to = query.to ?? newest.size;
        const proof = await proveConsistency(view, query.from, to);
        if (proof === undefined) {
          throw new ChanceryError(
            'VALIDATION_ERROR',
            `from ≤ to ≤ ${newest.size}, the size that is published.`,
          );
        }
        return c.json({ from: query.from, to, proof: proof.map(base64), checkpoint: text });
      },
    );

    mount(
      {
        ...about,
        path: '/ledger/report',
        summary: 'Counts by type and outcome over a time range',
        query: reportQuery,
      },
      async (c) => {
        const range = readQuery(c, reportQuery);
        const counts = await reportOn(view.table, range);
        const newest = await publishedCheckpoint(view);
        await recordReading(deps, c, { what: 'report', entries: counts.entries });
        return c.json({ ...range, ...counts, checkpoint: newest?.text ?? null });
      },
    );
  };
}

const isFirstOfLane = (id = ''): boolean => /^[1-9]\d*\.0$/.test(id);

/** What is read off the published tree: a system is open for requests before its first round of sealing. */
const ONCE_SEALED = {
  200: { description: 'Done' },
  404: { description: 'Nothing is sealed yet; try again shortly' },
};

async function published(view: LogView): Promise<Published> {
  const newest = await publishedCheckpoint(view);
  if (newest === undefined)
    throw new ChanceryError('NOT_FOUND', 'Nothing is sealed yet.', { headers: { 'Retry-After': '2' } });
  return newest;
}

const TEXT = ['text/plain'];

const plain = (c: Ctx, content: string): Response =>
  represented(c, { content, type: 'text/plain; charset=utf-8', cacheControl: 'no-cache' });
