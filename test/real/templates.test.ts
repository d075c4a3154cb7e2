import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ENVIRONMENT_NAMES } from '../../lib/environments.ts';
import { addEnvironment } from '../infra/synth.ts';
import { pythonTools } from './python.ts';

/** A dependency that a reference implies anyway: CDK writes both, which is no fault. */
const IMPLIED_DEPENDENCY = 'W3005';

it.each(ENVIRONMENT_NAMES)(
  '%s: every template passes cfn-lint against the resource schemas',
  (name) => {
    const { directory } = addEnvironment(name).app.synth();
    const templates = globSync(join(directory, '*.template.json'));
    expect(templates).toHaveLength(3);
    const lint = join(pythonTools('cfn-lint', ['cfn-lint==1.58.0']), 'cfn-lint');
    // Anything that it finds is on its standard output, and its exit code is not 0.
    expect(
      execFileSync(lint, ['--ignore-checks', IMPLIED_DEPENDENCY, '--', ...templates], { encoding: 'utf8' }),
    ).toBe('');
  },
  300_000,
);
