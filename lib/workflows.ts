/** The workflows to deploy: what the registry loads from `workflows/`, refused whole if any file is wrong. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeProblems, loadWorkflows } from '../src/workflow/registry.ts';
import type { DeployableWorkflow } from './constructs/state-machines.ts';

export function readWorkflows(
  folder = resolve(import.meta.dirname, '../workflows'),
): readonly DeployableWorkflow[] {
  const files = new Map(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(folder, entry.name), 'utf8')]),
  );
  const loaded = loadWorkflows(files);
  if (!loaded.ok) throw new Error(describeProblems(loaded.problems));
  return loaded.registry.all;
}
