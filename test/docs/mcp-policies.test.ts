/** The policies that people start from: laid over the shipped charter as their page says, they validate, and decide what it says. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

let reader: Reader;
beforeAll(async () => {
  reader = await openReader(['charter', 'examples/mcp']);
});
afterAll(() => reader.close());

it('examples/mcp/README.md can be followed: the charter is valid, and its examples are decided as they say', async () => {
  const [steps] = blocksOf('examples/mcp/README.md');
  if (steps === undefined) throw new Error('the page has no commands');
  const printed = await reader.follow(steps);
  expect(printed).toMatch(/^valid: /);
  expect(printed).toMatch(/^\d+ passed, 0 failed/m);
  expect(printed).toContain('+ policy/no-write-outside-working-hours');
  // Nothing of the shipped limits is lost by laying it over.
  expect(printed).not.toMatch(/^[-~] limits/m);
}, 60_000);
