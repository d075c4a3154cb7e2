/** What authors hand in is read beside the decisions: whatever it is, the next one is read, and decisions go on. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCedar } from '../../adapters/cedar.ts';
import { readInThread } from '../../local/bundles.ts';
import { parseBundle } from '../../src/charter/bundle.ts';
import { callCedar, isCedarWorking, makeCedarBy } from '../../src/charter/cedar.ts';
import { readingOf } from '../../src/govern/reading.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { bundleWith, shippedFiles } from './world.ts';

const broad = (policies: number): ReadonlyMap<string, string> => {
  const clause = Array.from({ length: 30 }, (_, index) => `context.risk < ${index + 7}`).join(' && ');
  const policy = (index: number) =>
    `@id("broad-${index}")\n@description("x")\npermit (principal, action, resource) when { ${clause} && context.risk != ${index} };\n`;
  return bundleWith({
    'policies/broad.cedar': Array.from({ length: policies }, (_, i) => policy(i)).join(''),
  });
};

const BROKEN: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'policies/out.cedar': 'permit (' },
  { 'flags.yaml': 'flags: [' },
  { 'charter.yaml': '' },
  { 'policies/broad.cedar': '@id("b") permit (principal, action, resource) when { principal.nothing };' },
  { 'schema.cedarschema': 'entity A;' },
  { 'tests/workflows.yaml': 'examples: 1' },
];

describe('reading one bundle after another', () => {
  it('says of each what it would have said of it alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...BROKEN), { minLength: 2, maxLength: 5 }), async (all) => {
        const one = readingOf([]);
        for (const changes of all) {
          const files = bundleWith(changes);
          expect(await one.check(files)).toEqual(await readingOf([]).check(files));
        }
      }),
      { numRuns: 10 },
    );
  }, 60_000);

  it('shows a hundred of what is wrong, says how many more there are, and cuts what is long', async () => {
    const found = await readingOf([]).check(
      bundleWith({
        'flags.yaml': '\t- \n'.repeat(3_000),
        'policies/x.cedar': `permit ("${'x'.repeat(9_000)}`,
      }),
    );
    if (found.ok) throw new Error('it was taken for right');
    expect(found.problems).toHaveLength(101);
    expect(found.problems.at(-1)).toMatchObject({ code: 'more_problems' });
    expect(Number.parseInt(found.problems.at(-1)?.message ?? '', 10)).toBeGreaterThan(2_800);
    expect(JSON.stringify(found.problems).length).toBeLessThan(101 * 1_500);
  });
});

describe('a thread that reads bundles', () => {
  it('reads what this thread would read', async () => {
    const reading = readInThread([]);
    try {
      const read = await reading.read(shippedFiles);
      const here = parseBundle(shippedFiles);
      expect(read.ok && here.ok && read.charter.digest === here.charter.digest).toBe(true);
      const wrong = await reading.examine(bundleWith({ 'policies/out.cedar': 'permit (' }));
      expect(wrong).toMatchObject({ ok: false, problems: [{ file: 'policies/out.cedar' }, ...[]] });
    } finally {
      await reading.close();
    }
  });

  it('gives up on one that takes too long, and reads the next', async () => {
    const reading = readInThread([], 50);
    try {
      const slow = await reading.examine(broad(200));
      expect(slow).toMatchObject({ ok: false, problems: [{ code: 'too_slow_to_read' }] });
      await expect(reading.test(broad(200), 0)).rejects.toMatchObject({ code: 'CONFLICT' });
      // Its size is looked at first: that takes no thread.
      const beyond = await reading.examine(broad(700));
      expect(beyond).toMatchObject({ ok: false, problems: [{ code: 'bundle_too_large' }] });
    } finally {
      await reading.close();
    }
    const patient = readInThread([]);
    expect(await patient.examine(bundleWith({ 'policies/out.cedar': 'permit (' }))).toMatchObject({
      ok: false,
    });
    await patient.close();
  }, 60_000);

  it('lets no more wait than are read in some seconds', async () => {
    const reading = readInThread([], 20);
    try {
      const asked = Array.from({ length: 40 }, () => reading.examine(broad(100)));
      const answers = await Promise.allSettled(asked);
      const refused = answers.filter(
        (answer) => answer.status === 'rejected' && answer.reason.code === 'RATE_LIMITED',
      );
      expect(refused).toHaveLength(40 - 16);
    } finally {
      await reading.close();
    }
  }, 60_000);
});

describe('a running system', () => {
  let chancery: TestRuntime;
  beforeAll(async () => {
    chancery = await startTestRuntime();
  });
  afterAll(() => chancery.stop());

  it('decides while a bundle is read, and answers about bundles that no parser likes', async () => {
    const admin = await chancery.token({ sub: 'root', name: 'Root', roles: ['admin'] });
    const validate = (files: ReadonlyMap<string, string>) =>
      chancery.call('POST', '/charters/validate', {
        token: admin,
        body: { files: Object.fromEntries(files) },
      });
    let read = false;
    const slow = validate(broad(200)).then((answer) => {
      read = true;
      return answer;
    });
    const decided = await chancery.execute(governed());
    expect([decided.status, read]).toEqual([200, false]);
    expect((await slow).body.valid).toBe(true);
    const strange: readonly Record<string, string>[] = [
      { 'tests/deep.yaml': '['.repeat(30_000) },
      { 'tests/deep.yaml': `${'- '.repeat(20_000)}x` },
      { 'tests/alias.yaml': `a: &a [x]\nb: [${'*a, '.repeat(20_000)}]` },
      { 'policies/deep.cedar': `permit (principal, action, resource) when { ${'('.repeat(5_000)} };` },
      { 'schema.cedarschema': `entity A = { a: ${'Set<'.repeat(5_000)}Long };` },
    ];
    for (const wrong of strange) {
      const { status, body } = await validate(bundleWith(wrong));
      expect([200, 400]).toContain(status);
      expect(body.valid).toBe(false);
    }
    expect((await chancery.execute(governed())).status).toBe(200);
  }, 60_000);

  it('goes on deciding when the engine of policies ends, and says so while there is no other', async () => {
    const trap = () =>
      callCedar((cedar) =>
        cedar.policyToJson(
          `permit(principal, action, resource) when { ${'('.repeat(1_000)}true${')'.repeat(1_000)} };`,
        ),
      );
    const ready = async () => (await chancery.call('GET', '/health/ready')).status;
    const decided = async () => (await chancery.execute(governed())).status;
    expect(trap).toThrow();
    expect(await decided()).toBe(200);
    makeCedarBy(() => {
      throw new Error('no memory for another');
    });
    try {
      expect(trap).toThrow();
      // Compiled policies answer; where one is not compiled, everything is denied.
      expect([await decided(), await ready()]).toEqual([200, 503]);
    } finally {
      makeCedarBy(makeCedar);
    }
    callCedar((cedar) => cedar.getCedarVersion());
    expect([await decided(), isCedarWorking()]).toEqual([200, true]);
  });
});
