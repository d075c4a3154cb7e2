/** A real runtime on a port of its own, in a folder of its own, and the requests that tests send to it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DevClaims } from '../../adapters/local/dev-issuer.ts';
import { verifyStore } from '../../local/ledger-verify.ts';
import { type Replacements, type Runtime, startRuntime } from '../../local/runtime.ts';
import { type LocalSettings, readSettings } from '../../local/settings.ts';
import type { Finding, Verification } from '../../src/ledger/verdict.ts';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
  readonly body: any;
}

export interface TestRuntime {
  readonly runtime: Runtime;
  readonly folder: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answered>;
  token(claims?: Partial<DevClaims>): Promise<string>;
  execute(body: unknown, claims?: Partial<DevClaims>, headers?: Record<string, string>): Promise<Answered>;
  /** What an auditor would find now. */
  audit(): Promise<Verification>;
  /** What is wrong with the ledger; records that wait to be sealed are not. */
  faults(): Promise<readonly Finding[]>;
  stop(): Promise<void>;
}

export interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

export const OPERATOR: DevClaims = {
  sub: 'jake',
  name: 'Jake Smith',
  email: 'jake@example.org',
  roles: ['operator'],
  kind: 'human',
};

export async function startTestRuntime(
  settings: Partial<LocalSettings> = {},
  replacements: Replacements = {},
): Promise<TestRuntime> {
  const folder = settings.dataFolder ?? (await mkdtemp(join(tmpdir(), 'chancery-test-')));
  const runtime = await startRuntime(
    {
      ...readSettings({}, PROJECT),
      port: 0,
      ...settings,
      dataFolder: folder,
      logFile: join(folder, 'log.jsonl'),
    },
    { retryMs: 5, ...replacements },
  );
  const call: TestRuntime['call'] = async (method, path, { token, body, raw, headers = {} } = {}) => {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${runtime.url}${path}`, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
    });
    const text = await response.text();
    const json = text !== '' && response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: json ? JSON.parse(text) : undefined,
    };
  };
  const token = ({ sub = OPERATOR.sub, ...claims }: Partial<DevClaims> = {}) => {
    // Whoever has Jake's e-mail is Jake, where people are counted.
    const { email, ...anybody } = OPERATOR;
    return runtime.mint({ ...(sub === OPERATOR.sub ? { email } : {}), ...anybody, ...claims, sub });
  };
  return {
    runtime,
    folder,
    call,
    token,
    execute: async (body, claims, headers = {}) =>
      call('POST', '/workflows/governed/execute', { token: await token(claims), body, headers }),
    audit: () => verifyStore(folder),
    faults: async () => (await verifyStore(folder)).findings.filter(({ verdict }) => verdict !== 'PENDING'),
    async stop() {
      await runtime.stop();
      if (settings.dataFolder === undefined) await rm(folder, { recursive: true });
    },
  };
}

/** A governed request that the shipped charter allows an operator. */
export function governed(changes: Record<string, unknown> = {}) {
  return {
    workflow_name: 'compliance-report',
    drag_mode: 'grunt',
    aim: {
      actor: { name: 'Jake Smith' },
      input: { sources: [{ type: 'ledger', description: 'the last day of the ledger' }] },
      mission: {
        objective: 'Report what was decided during the last day',
        success_criteria: ['a report is written'],
      },
    },
    parameters: {},
    ...changes,
  };
}
