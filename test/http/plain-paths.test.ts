/** A router that remembers plain paths gives what it was told of, whatever was asked of it before. */
import fc from 'fast-check';
import { TrieRouter } from 'hono/router/trie-router';
import { expect, test } from 'vitest';
import { PlainPaths } from '../../http/plain-paths.ts';

const word = fc.constantFrom('a', 'b', 'c');
const part = fc.oneof(word, fc.constantFrom(':id', ':name', ':kind{b|c}'));
const method = fc.constantFrom('GET', 'POST', 'ALL');
const route = fc.record({ method, path: fc.array(part, { minLength: 1, maxLength: 3 }) });
const asked = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  path: fc.array(word, { maxLength: 3 }),
});

test('what is found is what the walk finds, the first time and the next', () => {
  fc.assert(
    fc.property(
      fc.array(route, { maxLength: 8 }),
      fc.array(asked, { maxLength: 20 }),
      (routes, questions) => {
        const [plain, walked] = [new PlainPaths<string>(), new TrieRouter<string>()];
        for (const router of [plain, walked]) {
          router.add('ALL', '*', 'everywhere');
          for (const [at, { method, path }] of routes.entries())
            router.add(method, `/${path.join('/')}`, `${at}`);
        }
        for (const { method, path } of [...questions, ...questions])
          expect(plain.match(method, `/${path.join('/')}`)).toEqual(
            walked.match(method, `/${path.join('/')}`),
          );
      },
    ),
    { numRuns: 500 },
  );
});

test('a route that is added late is found where another was found before', () => {
  const router = new PlainPaths<string>();
  router.add('GET', '/a', 'first');
  expect(router.match('GET', '/a')[0].map(([handler]) => handler)).toEqual(['first']);
  router.add('ALL', '*', 'every');
  router.add('GET', '/a', 'second');
  expect(router.match('GET', '/a')[0].map(([handler]) => handler)).toEqual(['first', 'every', 'second']);
});
