/**
 * MiniStack: an AWS stand-in in one process, on loopback, for the tests that deploy.
 *
 * What it cannot do, so that nothing is asserted on it: gateway-response templates, EMF, Managed Prometheus
 * and Grafana, CodeDeploy, alarm maths, stream retries, throttling, IAM checks, reserved concurrency.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { pythonTools } from './python.ts';

const PACKAGES = ['ministack==1.5.33', 'cryptography==50.0.2'];
const ROOT = resolve(import.meta.dirname, '../..');

export interface Ministack {
  /** `http://127.0.0.1:PORT`, for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly port: number;
  /** What a client or the CDK CLI needs in its environment to talk to this instance and to nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the process (by its id) and waits for it. */
  stop(): Promise<void>;
}

/** The account every resource lands in: MiniStack reads it off a 12-digit access key. */
export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';

/** The folder of its programs, Python included; installs them on first use. */
export const ministackTools = (): string => pythonTools('ministack', PACKAGES);

/** Starts an empty MiniStack on loopback; installs it on first use. `log` receives its output, line by line. */
export async function startMinistack(
  options: {
    port?: number;
    enforceIam?: boolean;
    /** Further variables for MiniStack, which its Lambdas inherit. */
    environment?: Readonly<Record<string, string>>;
    log?: (text: string) => void;
  } = {},
): Promise<Ministack> {
  const bin = ministackTools();
  const port = options.port ?? (await freePort());
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = {
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
  };
  const child = spawn(join(bin, 'ministack'), [], {
    env: {
      // Lambdas run as child processes of `node`: ours, which is Node 24 as on AWS.
      PATH: [join(ROOT, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter),
      HOME: process.env.HOME ?? '/tmp',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      MINISTACK_REGION: REGION,
      // Every call is then held to the policies of the role that makes it, as on AWS.
      AUTH: String(options.enforceIam ?? false),
      // Requests that carry a bearer token and no AWS signature are of this account too.
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      PYTHONUNBUFFERED: '1',
      ...credentials,
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk: Buffer) => options.log?.(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => options.log?.(chunk.toString()));
  await ready(endpoint, child);
  return {
    endpoint,
    port,
    environment: { ...credentials, AWS_ENDPOINT_URL: endpoint },
    stop: () => stop(child),
  };
}

async function ready(endpoint: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`MiniStack ended at start with code ${child.exitCode}`);
    try {
      const answer = await fetch(`${endpoint}/_ministack/health`);
      if (answer.ok) return;
    } catch {
      // Not listening yet: that is what this loop waits for.
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  await stop(child);
  throw new Error('MiniStack did not answer within 30 s');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGTERM');
  const grace = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(grace);
}
