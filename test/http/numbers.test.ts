/** Every number that a query may carry, off the OpenAPI document: written in plain digits, or refused by its name. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { ODD_NUMBERS } from '../support/odd-numbers.ts';

let system: TestRuntime;
beforeAll(async () => {
  system = await startTestRuntime();
});
afterAll(() => system.stop());

interface Parameter {
  readonly name?: string;
  readonly in?: string;
  readonly schema?: { readonly type?: string };
}

it('takes no other spelling of a number in any query, and says of which', async () => {
  const token = await system.token({ roles: ['admin', 'auditor', 'committee_member'] });
  const { body } = await system.call('GET', '/openapi.json');
  const numeric = Object.entries<{ get?: { parameters?: readonly Parameter[] } }>(body.paths).flatMap(
    ([path, { get }]) =>
      (get?.parameters ?? [])
        .filter((one) => one.in === 'query' && /^(integer|number)$/.test(one.schema?.type ?? ''))
        .map(({ name, schema }) => ({ path, name: name ?? '', whole: schema?.type === 'integer' })),
  );
  expect(numeric.length).toBeGreaterThan(14);
  expect(numeric).toContainEqual({ path: '/ledger/consistency', name: 'from', whole: true });
  for (const { path, name, whole } of numeric)
    for (const odd of ODD_NUMBERS) {
      // A number that is not whole may have a fraction, and any size.
      if (!whole && /^(?:5\.0|9+)$/.test(odd)) continue;
      const answer = await system.call('GET', `${path}?${new URLSearchParams({ [name]: odd })}`, { token });
      const paths = answer.body.reasons?.map((reason: { path: string }) => reason.path);
      expect([path, odd, answer.status, answer.body.code]).toEqual([path, odd, 400, 'VALIDATION_ERROR']);
      expect(paths, `${path} ${odd}`).toContain(`/${name}`);
    }
});

it('takes a number in plain digits, and none that is given twice', async () => {
  const token = await system.token({ roles: ['auditor'] });
  const page = await system.call('GET', '/ledger/entries?limit=1', { token });
  expect(page.body.entries).toHaveLength(1);
  const twice = await system.call('GET', '/ledger/entries?limit=1&limit=1', { token });
  expect([twice.status, twice.body.reasons[0].path]).toEqual([400, 'query:limit']);
});
