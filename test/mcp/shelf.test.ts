/** What a server lists is believed for a while, and no longer than until it says that it changed. */
import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { createReviews } from '../../src/tools/reviews.ts';
import { createShelf } from '../../src/tools/shelf.ts';
import { shipped } from '../charter/world.ts';
import { testLedger } from '../ledger/support.ts';

it('does not believe a list that was asked for before the server said that it changed', async () => {
  const { table, lane, time } = testLedger();
  const [ledger, clock] = [await lane(), () => time.now];
  const asked: PromiseWithResolvers<JsonObject>[] = [];
  let change = (): void => {};
  const server = {
    request() {
      const answer = Promise.withResolvers<JsonObject>();
      asked.push(answer);
      return answer.promise;
    },
    onChanged(heard: () => void) {
      change = heard;
    },
    retire: async () => {},
    close: async () => {},
  };
  const justifier = { read: async () => undefined };
  const reviews = createReviews({ table, ledger, justifier, clock });
  const log = { write: () => {} };
  const shelf = createShelf({ servers: { get: () => server }, reviews, ledger, table, clock, log });
  const names = async () => (await shelf.offered(shipped, 'it')).map(({ definition }) => definition.name);
  const listing = (name: string): JsonObject => ({ tools: [{ name, inputSchema: { type: 'object' } }] });

  const before = names();
  change();
  const after = names();
  expect(asked).toHaveLength(2);
  asked[0]?.resolve(listing('before'));
  asked[1]?.resolve(listing('after'));
  expect(await Promise.all([before, after])).toEqual([['before'], ['after']]);
  expect(await names()).toEqual(['after']);
  expect(asked).toHaveLength(2);
});
