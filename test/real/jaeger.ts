/** Jaeger as one process with its store in memory, built from its Go module: what compose runs as an image. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PROJECT } from '../runtime/support.ts';
import { freePort } from '../support/free-port.ts';

/** The module's number for Jaeger 2.13.0. */
const VERSION = 'v1.76.0';
export const JAEGER_IMAGE = 'jaegertracing/jaeger:2.13.0';

function jaegerProgram(): string {
  const home = resolve(PROJECT, '.real/jaeger', VERSION);
  const program = join(home, 'jaeger');
  if (existsSync(program)) return program;
  mkdirSync(home, { recursive: true });
  const go = (...args: string[]): unknown =>
    execFileSync('go', args, {
      cwd: home,
      stdio: 'inherit',
      env: { ...process.env, GOFLAGS: '-modcacherw', GOTOOLCHAIN: 'local' },
    });
  if (!existsSync(join(home, 'go.mod'))) go('mod', 'init', 'jaeger');
  // By `-tool`: the requirements of the module that it is of are kept, which `go install` refuses where one is replaced.
  go('get', '-tool', `github.com/jaegertracing/jaeger/cmd/jaeger@${VERSION}`);
  go('build', '-o', program, 'github.com/jaegertracing/jaeger/cmd/jaeger');
  return program;
}

export interface JaegerServer {
  /** Where it takes spans over OTLP's gRPC, as `host:port`. */
  readonly otlp: string;
  /** Of its query API. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function startJaeger(): Promise<JaegerServer> {
  const at = async (): Promise<string> => `127.0.0.1:${await freePort()}`;
  const otlp = await at();
  const query = await at();
  const places = {
    'receivers.otlp.protocols.grpc.endpoint': otlp,
    'receivers.otlp.protocols.http.endpoint': await at(),
    'extensions.jaeger_query.http.endpoint': query,
    'extensions.jaeger_query.grpc.endpoint': await at(),
  };
  const flags = Object.entries(places).map(([name, place]) => `--set=${name}=${place}`);
  const child = spawn(jaegerProgram(), flags, { stdio: 'ignore' });
  const url = `http://${query}`;
  await answering(`${url}/api/services`, child);
  return { otlp, url, stop: () => ended(child) };
}

/** Resolves when something answers there. Throws when the program has ended, or after a minute. */
export async function answering(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const there = await fetch(url).then(
      () => true,
      () => false,
    );
    if (there) return;
    if (child.exitCode !== null) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`nothing answers at ${url}`);
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
