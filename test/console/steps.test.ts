import { expect, it } from 'vitest';
import { STEPS } from '../../console/views/steps.ts';
import { STEPS as OF_THE_CASE } from '../../src/govern/cases/case.ts';

it('offers for a case the steps that it may take, and no others', () => {
  const offered = Object.entries(STEPS).map(([state, steps]) => [state, steps.toSorted()]);
  const allowed = Object.entries(OF_THE_CASE).map(([state, steps]) => [state, Object.keys(steps).toSorted()]);
  expect(Object.fromEntries(offered)).toEqual(Object.fromEntries(allowed));
});
