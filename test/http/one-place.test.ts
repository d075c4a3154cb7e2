/** What an answer has is said where it is given: a header that a handler sets first, JSON would lose without a word. */
import { expect, it } from 'vitest';
import type { Handler } from '../../http/routes.ts';

it('does not compile where a handler sets status or headers before it answers', () => {
  const early: readonly Handler[] = [
    (c) => {
      // @ts-expect-error headers are given with the answer
      c.header('x-early', 'lost');
      return c.json({});
    },
    (c) => {
      // @ts-expect-error so is the status
      c.status(201);
      return c.json({});
    },
    (c) => {
      // @ts-expect-error there is no answer yet
      c.res.headers.set('x-early', 'lost');
      return c.json({});
    },
    (c) =>
      // @ts-expect-error Hono's own `json` takes this
      c.json({}, { status: 201, headers: { 'x-early': 'lost' } }),
  ];
  expect(early).toHaveLength(4);
});
