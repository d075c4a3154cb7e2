import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ENVIRONMENT_NAMES } from '../../lib/environments.ts';
import { REGIONS } from '../../src/watch/ops/regions.ts';
import { addEnvironment } from '../infra/synth.ts';
import { AWSCLI } from './deploy/operator.ts';
import { pythonTools } from './python.ts';

/** A dependency that a reference implies anyway: CDK writes both, which is no fault. */
const IMPLIED_DEPENDENCY = 'W3005';

it.each(ENVIRONMENT_NAMES)(
  '%s: every template passes cfn-lint against the resource schemas',
  (name) => {
    const { directory } = addEnvironment(name).app.synth();
    const templates = globSync(join(directory, '*.template.json'));
    // Three stacks, and the one within the gate's that answers preflights.
    expect(templates).toHaveLength(4);
    const lint = join(pythonTools('cfn-lint', ['cfn-lint==1.58.0']), 'cfn-lint');
    // Anything that it finds is on its standard output, and its exit code is not 0.
    expect(
      execFileSync(lint, ['--ignore-checks', IMPLIED_DEPENDENCY, '--', ...templates], { encoding: 'utf8' }),
    ).toBe('');
  },
  300_000,
);

/** What AWS's clients are shipped with: the endpoints of each service, by partition. Application Signals is not in it. */
interface Endpoints {
  readonly partitions: readonly {
    readonly regions: Readonly<Record<string, unknown>>;
    readonly services: Readonly<
      Record<string, { readonly endpoints: Readonly<Record<string, { readonly deprecated?: boolean }>> }>
    >;
  }[];
}

it('knows in which regions AWS has Managed Prometheus and Managed Grafana', () => {
  const [file = ''] = globSync(
    join(
      dirname(pythonTools('awscli', AWSCLI)),
      'lib/python*/site-packages/awscli/botocore/data/endpoints.json',
    ),
  );
  const { partitions }: Endpoints = JSON.parse(readFileSync(file, 'utf8'));
  const open = partitions.filter(({ regions }) => Object.keys(regions).some((name) => name in REGIONS));
  const said = Object.fromEntries(
    open.flatMap(({ regions, services }) =>
      Object.keys(regions).map((name) => [
        name,
        { prometheus: has(services.aps, name), grafana: has(services.grafana, name) },
      ]),
    ),
  );
  const ours = Object.fromEntries(
    Object.entries(REGIONS).map(([name, { prometheus, grafana }]) => [name, { prometheus, grafana }]),
  );
  expect(ours).toEqual(said);
});

const has = (service: Endpoints['partitions'][number]['services'][string] | undefined, region: string) =>
  region in (service?.endpoints ?? {});
