/** What servers offer, beside what people have looked at. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import { notAPerson } from '../../src/identity/person.ts';
import type { JsonObject } from '../../src/json.ts';
import { idOf } from '../../src/ledger/people/pseudonym.ts';
import { metaOf } from '../../src/ledger/record.ts';
import type { Tools } from '../../src/office/tools.ts';
import { ServerFault } from '../../src/tools/server.ts';
import type { Offered } from '../../src/tools/shelf.ts';
import { parseWith, readJson, readQuery } from '../body.ts';
import { callerOf } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';
import { tokenOf } from './token.ts';

const query = closed({ server: z.string().max(256).optional() });

export const reviewBody = closed({
  /** `server.tool`. */
  tool: z.string().min(1).max(256),
  /** The digest of what the person looked at: what the server offers by now may be something else. */
  definition_digest: z.string().regex(/^[0-9a-f]{64}$/, 'the digest that GET /tools shows'),
});

export function reviewRoutes({ office }: { readonly office: Tools }): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/tools',
        scope: 'charter:read',
        summary: 'Tools that servers offer now, and whether they were reviewed as they are',
        tag: 'missions',
        query,
        responses: { 200: { description: '`tools`, and `unreachable` servers with what is the matter' } },
      },
      async (c) => {
        const { server: wanted } = readQuery(c, query);
        const charter = await office.charter();
        const tools: JsonObject[] = [];
        const unreachable: JsonObject[] = [];
        for (const server of office.shelf.servers(charter)) {
          if (wanted !== undefined && wanted !== server) continue;
          try {
            for (const offered of await office.shelf.offered(charter, server, tokenOf(c)))
              tools.push(viewOf(offered));
          } catch (error) {
            if (!(error instanceof ServerFault)) throw error;
            unreachable.push({ server, fault: error.kind, message: error.message });
          }
        }
        return c.json({ tools, unreachable });
      },
    );

    mount(
      {
        method: 'post',
        path: '/tools/reviews',
        scope: 'charter:activate',
        summary: 'Pin the definition of a tool as a person has looked at it',
        tag: 'missions',
        body: reviewBody,
        responses: {
          201: { description: 'Recorded and pinned' },
          403: { description: 'Not by a person who acts for themselves' },
          404: { description: 'No server offers it now' },
          409: { description: 'It is not what was looked at' },
        },
      },
      async (c) => {
        const { tool, definition_digest } = parseWith(reviewBody, await readJson(c));
        const caller = callerOf(c);
        const objection = notAPerson(caller.principal, 'a review');
        if (objection !== undefined)
          throw new ChanceryError('CHARTER_DENIED', objection.message, { reasons: [objection] });
        const found = await office.shelf.find(await office.charter(), tool, tokenOf(c));
        if (!('definition' in found))
          throw new ChanceryError(
            'NOT_FOUND',
            `No server offers ${tool} now, or the charter does not list it.`,
          );
        if (found.definition.digest !== definition_digest)
          throw new ChanceryError(
            'CONFLICT',
            `${tool} is by now defined otherwise than you looked at; look again.`,
          );
        const { principal, trace, seen } = caller;
        const receipt = await office.reviews.pin(tool, found.definition, {
          who: idOf(principal),
          trace,
          meta: metaOf(caller),
          personal: { sub: principal.sub, ...seen },
          how: 'person',
        });
        return c.json({ tool, definition_digest, reviewed: true, receipt: receiptBody(receipt) }, 201);
      },
    );
  };
}

const viewOf = ({ id, server, definition, listed, reviewed }: Offered): JsonObject => ({
  tool: id,
  server,
  listed,
  reviewed,
  definition_digest: definition.digest,
  definition: definition.said,
});
