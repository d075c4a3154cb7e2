/** What is installed, and what runs it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
const lock: Record<string, { engines?: { node?: string }; hasInstallScript?: boolean; optional?: boolean }> =
  JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')).packages;

/** Whether a version is within a range as packages write it: `>=18`, `^22.12.0 || >=24`, `18 || 20`. */
function within(version: readonly number[], range: string): boolean {
  return range.split('||').some((part) => {
    const [, sign = '', major = '0', minor = '0'] =
      /^\s*(>=|>|\^|~)?\s*v?(\d+|\*)(?:\.(\d+))?/.exec(part) ?? [];
    if (major === '*') return true;
    const [here = 0, below = 0] = version;
    const reached = here > Number(major) || (here === Number(major) && below >= Number(minor));
    return sign.startsWith('>') ? reached : here === Number(major) && reached;
  });
}

it('the Node that runs the project is new enough for every package, whatever npm itself runs on', () => {
  const version = process.versions.node.split('.').map(Number);
  const unfit = Object.entries(lock).filter(
    ([path, { engines, optional }]) =>
      path !== '' && !optional && engines?.node !== undefined && !within(version, engines.node),
  );
  expect(unfit.map(([path, { engines }]) => `${path} ${engines?.node}`)).toEqual([]);
  expect(within([20, 20], '^22.12.0 || ^24.0.0 || >=26.0.0')).toBe(false);
});

it('no package runs a script when it is installed, and each that would is named', () => {
  const scripted = Object.entries(lock)
    // Our own, which has no path, is meant to run.
    .filter(([path, { hasInstallScript }]) => path !== '' && hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ''))
    // fsevents is for another platform; where it is not installed npm asks nothing of it.
    .filter((name) => existsSync(join(PROJECT, 'node_modules', name)));
  for (const name of scripted) expect(manifest.allowScripts[name], name).toBe(false);
});
