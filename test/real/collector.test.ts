/** The OpenTelemetry collector, built from the parts that deploy/compose/collector.yaml names, takes that file and hands on the runtime's spans. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { PROJECT } from '../runtime/support.ts';
import { goProgram } from './go-tools.ts';

const VERSION = 'v0.136.0';
const home = resolve(PROJECT, '.real/collector', VERSION);
const module = (path: string) => ({ gomod: `go.opentelemetry.io/collector/${path} ${VERSION}` });

function collector(): string {
  const program = join(home, 'otelcol');
  if (existsSync(program)) return program;
  mkdirSync(home, { recursive: true });
  const manifest = join(home, 'builder.yaml');
  writeFileSync(
    manifest,
    stringify({
      dist: { name: 'otelcol', output_path: home, version: VERSION.slice(1) },
      receivers: [module('receiver/otlpreceiver')],
      processors: [module('processor/batchprocessor'), module('processor/memorylimiterprocessor')],
      exporters: [module('exporter/otlpexporter')],
    }),
  );
  const builder = goProgram(`go.opentelemetry.io/collector/cmd/builder@${VERSION}`);
  execFileSync(builder, [`--config=${manifest}`], {
    stdio: 'inherit',
    env: { ...process.env, GOTOOLCHAIN: 'local' },
  });
  return program;
}

it('takes the configuration that compose gives it', () => {
  const config = join(PROJECT, 'deploy/compose/collector.yaml');
  expect(() =>
    execFileSync(collector(), ['validate', `--config=${config}`], { stdio: 'pipe' }),
  ).not.toThrow();
}, 600_000);
