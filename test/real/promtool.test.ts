/** Every alert fires past its limit, not just short of it, and resolves: said by Prometheus' own test runner. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROMETHEUS_ALERTS } from '../../src/watch/alerts/rules/rules.ts';
import { debianTool } from './debian.ts';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '../../monitoring/prometheus');
const files = (sub: string) =>
  readdirSync(join(folder, sub))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, sub, name));

describe('promtool', () => {
  let promtool = '';
  beforeAll(async () => {
    promtool = await debianTool('promtool', 'prometheus');
  }, 300_000);

  it('reads every rule file', async () => {
    const { stdout } = await run(promtool, [
      'check',
      'rules',
      ...files('rules'),
      join(folder, '../amp/rules.yaml'),
    ]);
    expect(stdout).not.toContain('FAILED');
  });

  it('has two cases for every alert', async () => {
    const { readFile } = await import('node:fs/promises');
    const tests = (await Promise.all(files('tests').map((file) => readFile(file, 'utf8')))).join('\n');
    for (const rule of PROMETHEUS_ALERTS) {
      expect(tests.split(`name: ${rule.name} `).length, rule.name).toBe(3);
    }
  });

  it.each(files('tests').map((file) => [file.slice(file.lastIndexOf('/') + 1), file]))(
    'sees the drills of %s pass',
    async (_, file) => {
      const { stdout } = await run(promtool, ['test', 'rules', file]);
      expect(stdout).toContain('SUCCESS');
    },
    180_000,
  );
});
