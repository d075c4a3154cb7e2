/** What judges is prepared by the thread that decides: a little at a time, however large the bundle is. */
import { afterEach, describe, expect, it } from 'vitest';
import { makeCedar } from '../../adapters/cedar.ts';
import { prepareBeforehand, prepared, readBundle, type WrittenCharter } from '../../src/charter/bundle.ts';
import { callCedar, makeCedarBy } from '../../src/charter/cedar.ts';
import { bundleWith } from './world.ts';

const POLICIES = 150;

/** A bundle whose sets only Cedar itself can answer for: decimals are not compiled. */
function exotic(): WrittenCharter {
  const policy = (index: number): string =>
    `@id("exotic-${index}")\n@description("x")\npermit (principal, action, resource) when { decimal("${index}.0").lessThan(decimal("0.0")) };\n`;
  const read = readBundle(
    bundleWith({ 'policies/exotic.cedar': Array.from({ length: POLICIES }, (_, at) => policy(at)).join('') }),
  );
  if (!read.ok) throw new Error(JSON.stringify(read.problems[0]));
  return read.charter;
}

/** An instance that is told of every set that it prepares. */
function cedarThatTells(tell: () => void): void {
  makeCedarBy(() => {
    const made = makeCedar();
    return {
      ...made,
      preparsePolicySet: (...given) => {
        tell();
        return made.preparsePolicySet(...given);
      },
    };
  });
  replaceCedar();
}

function replaceCedar(): void {
  expect(() =>
    callCedar(() => {
      throw new Error('ended by the test');
    }),
  ).toThrow('ended by the test');
}

afterEach(() => {
  makeCedarBy(makeCedar);
  replaceCedar();
});

describe('a charter that is prepared beforehand', () => {
  it('lets others go on after each policy and after each set', async () => {
    const charter = prepared(exotic());
    let inOneStep = 0;
    let most = 0;
    let sets = 0;
    let pauses = 0;
    cedarThatTells(() => {
      sets++;
      inOneStep++;
      most = Math.max(most, inOneStep);
    });
    await prepareBeforehand(charter, async () => {
      pauses++;
      inOneStep = 0;
    });
    expect(pauses).toBeGreaterThan(POLICIES);
    expect(sets).toBeGreaterThan(1);
    expect(most).toBe(1);
  });

  it('has nothing left to do when it is asked first', async () => {
    const charter = prepared(exotic());
    let sets = 0;
    cedarThatTells(() => {
      sets++;
    });
    await prepareBeforehand(charter, async () => undefined);
    const before = sets;
    const { engine } = charter;
    expect(engine.policiesOf('execute').length).toBeGreaterThan(POLICIES);
    expect(sets).toBe(before);
    await prepareBeforehand(charter, async () => undefined);
    expect(charter.engine).toBe(engine);
    expect(sets).toBe(before);
  });
});
