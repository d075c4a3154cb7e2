/** The shipped workflow files, as the composition roots read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeProblems, loadWorkflows } from '../../src/workflow/registry.ts';
import type { Registry } from '../../src/workflow/workflow.ts';

const folder = fileURLToPath(new URL('../../workflows/', import.meta.url));

export function shippedFiles(): Map<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(folder + name, 'utf8')]));
}

export function registryOf(files: ReadonlyMap<string, string>): Registry {
  const loaded = loadWorkflows(files);
  if (!loaded.ok) throw new Error(describeProblems(loaded.problems));
  return loaded.registry;
}

/** The smallest workflow of a user: one state that says what it was given. */
export function pair(
  name: string,
  changes: { states?: object; definition?: object; manifest?: string } = {},
) {
  const definition = {
    StartAt: 'Echo',
    TimeoutSeconds: 5,
    States: changes.states ?? {
      Echo: { Type: 'Pass', Parameters: { 'said.$': '$.parameters.say' }, End: true },
    },
    ...changes.definition,
  };
  const manifest =
    changes.manifest ??
    [
      `name: ${name}`,
      'description: Says what it was given.',
      'roles: [developer]',
      'risk_level: 1',
      'sensitivity: low',
      'kind: express',
      'parameters: { type: object, required: [say], properties: { say: { type: string } } }',
    ].join('\n');
  return new Map([
    [`${name}.asl.json`, JSON.stringify(definition, null, 2)],
    [`${name}.yaml`, manifest],
  ]);
}
