/** The office of the soak: a charter with a tool, workflows, somebody to deploy to; it can be stopped, killed and started again. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevClaims, mintLocalToken } from '../../adapters/local/dev-issuer.ts';
import { charterWithTools } from '../../test/mcp/charter.ts';
import { SERVER } from '../../test/mcp/world.ts';
import { PROJECT } from '../../test/runtime/support.ts';
import { freePort } from '../../test/support/free-port.ts';
import { type RuntimeProcess, startProcess } from '../../test/support/process.ts';
import { type Held, heldBy } from './inside.ts';

export interface SoakWorld {
  readonly url: string;
  readonly data: string;
  /** False from just before the process is told to end until it answers again. */
  up(): boolean;
  /** Milliseconds on the monotonic clock at which it last came up or began to go. */
  changed(): number;
  token(claims: DevClaims): Promise<string>;
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Of the office that is up. */
  held(): Promise<Held>;
  close(): Promise<void>;
  remove(): void;
}

export async function openSoakWorld(): Promise<SoakWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-soak-'));
  const [data, workflows] = [join(folder, 'data'), join(folder, 'workflows')];
  cpSync(join(PROJECT, 'workflows'), workflows, { recursive: true });
  for (const name of ['hello.yaml', 'hello.asl.json'])
    cpSync(join(PROJECT, 'test/fixtures/workflows', name), join(workflows, name));
  const charter = charterWithTools(
    folder,
    [{ id: 'fixture', sensitivity: 'low', environment: 'local' }],
    [{ id: 'fixture.echo', server: 'fixture', category: 'test', sensitivity: 'low', writes: true }],
  );
  const far = createServer((_, response) => response.end(JSON.stringify({ status: 'ok', health: 'ok' })));
  far.listen(0, '127.0.0.1');
  await new Promise((resolve) => far.once('listening', resolve));
  const [port, inspector] = [await freePort(), await freePort()];
  const flags = [`--inspect=127.0.0.1:${inspector}`, '--inspect-publish-uid=http'];
  const environment = {
    PORT: String(port),
    CHANCERY_CHARTER: charter,
    CHANCERY_WORKFLOWS: workflows,
    CHANCERY_MCP_PROGRAMS: JSON.stringify({
      fixture: { command: process.execPath, args: [SERVER], env: {}, cwd: PROJECT },
    }),
    DEPLOY_ENDPOINT: `http://127.0.0.1:${(far.address() as AddressInfo).port}`,
    CHANCERY_TRACE_RATE: '0.1',
  };
  let office: RuntimeProcess = await startProcess(data, environment, flags);
  let [isUp, at] = [true, performance.now()];
  const now = (up: boolean): void => {
    [isUp, at] = [up, performance.now()];
  };
  return {
    url: `http://127.0.0.1:${port}`,
    data,
    up: () => isUp,
    changed: () => at,
    token: (claims) => mintLocalToken(data, claims, Date.now()),
    async restart(signal) {
      now(false);
      await office.kill(signal);
      office = await startProcess(data, environment, flags);
      now(true);
    },
    held: () => heldBy(office.child.pid ?? 0, inspector),
    async close() {
      now(false);
      await office.kill('SIGTERM');
      await new Promise((resolve) => far.close(resolve));
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
