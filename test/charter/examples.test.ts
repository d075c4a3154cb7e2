import { describe, expect, it } from 'vitest';
import { diffCharters, isEmpty } from '../../src/charter/diff.ts';
import { prepare } from '../../src/charter/engine.ts';
import { readExamples, runExamples } from '../../src/govern/examples.ts';
import { bundleWith, charterWith, edited, NOW, shipped, shippedFiles, WORKFLOWS } from './world.ts';

function examplesOf(files: ReadonlyMap<string, string>) {
  const read = readExamples(files, Object.values(WORKFLOWS));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.set;
}

describe('the examples of the shipped charter', () => {
  const set = examplesOf(shippedFiles);
  const report = runExamples(shipped, set, NOW);

  it('are at least 80, all pass, and use every policy', () => {
    expect(report.results.filter(({ passed }) => !passed)).toEqual([]);
    expect(report.passed).toBeGreaterThanOrEqual(80);
    expect(report.uncovered).toEqual([]);
    expect(report.policies).toBe(shipped.policies.length);
  });

  it.each(shipped.policies.map(({ id }) => [id]))('notice when %s is taken away', (id) => {
    const policies = shipped.policies.filter((one) => one.id !== id);
    const without = { ...shipped, policies, engine: prepare(policies, shipped.schema) };
    expect(runExamples(without, set, NOW).failed).toBeGreaterThan(0);
  });
});

describe('examples', () => {
  const sheet = (text: string) =>
    readExamples(bundleWith({ 'tests/extra.yaml': text }), Object.values(WORKFLOWS));

  it('say where they are wrong', () => {
    const read = sheet('examples:\n  - { name: x, who: {}, expect: { outcome: perhaps } }\n');
    expect(read).toMatchObject({
      ok: false,
      problems: [{ file: 'tests/extra.yaml', line: 2, code: 'invalid_value' }],
    });
  });

  it('ask for registered workflows as they are, and retype none', () => {
    const text =
      'workflows:\n  deploy-to-staging: { risk_level: 1, modes: [draft], roles: [agent], effects: false }\n';
    expect(sheet(text)).toMatchObject({
      ok: false,
      problems: [{ file: 'tests/extra.yaml', line: 2, code: 'retyped_workflow' }],
    });
  });

  it('fail with what differs, and when they ask for nothing', () => {
    const text = `examples:
  - { name: wrong, who: { roles: [operator] }, workflow: deploy-to-staging, mode: execute, expect: { outcome: deny, policies: [x], code: y } }
  - { name: empty, who: {}, expect: { outcome: deny } }
  - { name: lost, who: {}, workflow: nowhere, mode: draft, expect: { outcome: deny } }
`;
    const { results } = runExamples(shipped, examplesOf(bundleWith({ 'tests/extra.yaml': text })), NOW);
    const extra = results.filter(({ file }) => file === 'tests/extra.yaml');
    expect(extra.map(({ line, differences }) => [line, differences])).toEqual([
      [
        2,
        [
          'outcome: expected deny, got allow',
          'policies: expected x, got users-run-their-workflows',
          'code: expected y, got none',
        ],
      ],
      [3, ['neither a workflow nor an action and a resource']],
      [4, ['no workflow nowhere is registered or stands under "workflows" of the tests']],
    ]);
  });
});

describe('the difference of two charters', () => {
  it('is none where only comments, order or layout differ', () => {
    const roles = (shippedFiles.get('roles.yaml') ?? '').replace(
      '[admin:metrics:read, slo:read]',
      '\n      - slo:read # first\n      - admin:metrics:read',
    );
    const other = charterWith({
      'roles.yaml': roles,
      'policies/forbids.cedar': `// moved\n${shippedFiles.get('policies/forbids.cedar')}`,
    });
    expect(isEmpty(diffCharters(shipped, shipped))).toBe(true);
    // The order of a role's scopes does not matter to anybody who holds them.
    expect(isEmpty(diffCharters(shipped, other))).toBe(true);
  });

  it('names what was added, removed and changed, by its name', () => {
    const other = charterWith({
      'charter.yaml': edited('charter.yaml', 'policy_mode: strict', 'policy_mode: paranoid'),
      'roles.yaml': edited(
        'roles.yaml',
        'scopes: [admin:metrics:read, slo:read]',
        'scopes: [admin:metrics:read]',
      ),
      'metrics.yaml': edited(
        'metrics.yaml',
        'forbidden:\n',
        'forbidden:\n  - { name: shoe_size, priority: high, reason: x }\n',
      ),
      'policies/forbids.cedar': edited('policies/forbids.cedar', 'context.risk >= 3', 'context.risk >= 2'),
    });
    const { added, removed, changed } = diffCharters(shipped, other);
    expect(added.map(({ what }) => what)).toEqual(['metrics.yaml/forbidden/shoe_size']);
    expect(removed.map(({ what }) => what)).toEqual(['roles.yaml/roles/admin_metrics/scopes/slo:read']);
    expect(changed.map(({ what }) => what)).toEqual([
      'charter.yaml/policy_mode',
      'policy/agent-never-executes-high-risk-alone',
    ]);
    expect(changed[0]).toMatchObject({ from: 'strict', to: 'paranoid' });
    const back = diffCharters(other, shipped);
    expect(back.added.map(({ what }) => what)).toEqual(removed.map(({ what }) => what));
  });
});
