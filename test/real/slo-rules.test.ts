/** The service levels' rules under replayed incidents, by promtool. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { sloCases } from '../../src/watch/slo/cases.ts';
import { sloRuleGroups } from '../../src/watch/slo/prometheus.ts';
import { debianTool } from './debian.ts';

const run = promisify(execFile);

describe('promtool', () => {
  let folder = '';
  let promtool = '';
  const groups = sloRuleGroups();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chancery-slo-'));
    promtool = await debianTool('promtool', 'prometheus');
    await writeFile(join(folder, 'all.yaml'), stringify({ groups }, { lineWidth: 0 }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('takes every rule', async () => {
    const { stdout } = await run(promtool, ['check', 'rules', join(folder, 'all.yaml')]);
    expect(stdout).toContain(`SUCCESS: ${groups.flatMap(({ rules }) => rules).length} rules found`);
  });

  it('sees each incident fire and end at its step: fast burn, slow burn, too few samples, recovery, first failure', async () => {
    // Only the groups that the incidents concern: two days of history for all of them would take minutes.
    const needed = groups.filter(({ name }) => /api-availability|audit-integrity/.test(name));
    await writeFile(join(folder, 'rules.yaml'), stringify({ groups: needed }, { lineWidth: 0 }));
    const tests = { rule_files: ['rules.yaml'], evaluation_interval: '30s', tests: sloCases() };
    await writeFile(join(folder, 'tests.yaml'), stringify(tests, { lineWidth: 0 }));
    const { stdout } = await run(promtool, ['test', 'rules', join(folder, 'tests.yaml')], {
      maxBuffer: 16 * 1024 * 1024,
    });
    expect(stdout).toContain('SUCCESS');
  }, 600_000);
});
