/** The live feed of the deployed stacks: API Gateway's WebSocket API → live, stream → project → broadcast → connection. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readEntries } from '../../../src/ledger/reader.ts';
import type { Deployment } from '../deployment.ts';

/** Two cold starts, the stream, and the read after it. */
const PATIENCE = { timeout: 40_000, interval: 100 };

interface Message {
  readonly kind: string;
  readonly cursor: string;
  readonly connection_id?: string;
  readonly id?: string;
  readonly record?: { readonly type: string; readonly trace: string };
}

export function liveFeed(deployed: () => Deployment): void {
  describe('the live feed', () => {
    let host = '';
    let live = '';
    let lea = '';
    const open: WebSocket[] = [];

    beforeAll(async () => {
      const { out } = await deployed().operator.shell(
        `aws cloudformation describe-stacks --stack-name chancery-dev-gate --output text \\
          --query "Stacks[0].Outputs[?OutputKey=='LiveUrl'].OutputValue"`,
      );
      live = out.trim();
      host = `${/^wss:\/\/([a-z0-9]+)\.execute-api/.exec(out)?.[1]}.execute-api.localhost`;
      lea = await deployed().issuer.mint({
        sub: 'lea',
        name: 'Lea Listener',
        roles: ['auditor'],
        kind: 'human',
      });
    });
    afterAll(() => {
      for (const each of open) each.terminate();
    });

    const connect = (token: string, query = '') => {
      const { port } = deployed().ministack;
      const socket = new WebSocket(`ws://127.0.0.1:${port}/live${query}`, {
        headers: { authorization: `Bearer ${token}`, host: `${host}:${port}` },
      });
      open.push(socket);
      const told: Message[] = [];
      const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
      const answered = new Promise<number>((resolve, failed) => {
        socket.on('open', () => resolve(101));
        socket.on('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode));
        socket.on('error', failed);
      });
      socket.on('message', (data) => told.push(JSON.parse(data.toString())));
      return { socket, told, closed, answered };
    };
    const ids = (told: readonly Message[]) => told.flatMap(({ id }) => id ?? []);
    const decide = async (): Promise<string> => {
      const { headers } = await deployed().call('POST /decisions', {
        token: lea,
        body: { action: 'run', resource: { type: 'workflow', id: 'compliance-report' } },
      });
      return String(headers['x-trace-id']);
    };
    const recorded = async (type: string, connection_id: string | undefined) =>
      (await readEntries(deployed().ledgerTable(), { type }, { limit: 50 })).entries.find(
        ({ record }) => record.meta?.connection_id === connection_id,
      );

    it('is named by the API, and pages of the console may connect to it', async () => {
      expect((await deployed().call('GET /.well-known/chancery')).body.live).toBe(live);
      const { headers } = await deployed().call('GET /console');
      expect(String(headers['content-security-policy'])).toContain(
        `connect-src 'self' ${new URL(live).origin}`,
      );
    });

    it('refuses a forged token', async () => {
      const forged = await deployed().issuer.forge({ sub: 'lea', roles: ['auditor'] });
      expect(await connect(forged).answered).not.toBe(101);
      // The stand-in says 403 for every refusal, where API Gateway says what the function said.
      const event = {
        headers: { authorization: `Bearer ${forged}` },
        requestContext: { connectionId: 'by-hand', eventType: 'CONNECT' },
      };
      const { out } = await deployed().operator.shell(
        `answer=$(mktemp)
        aws lambda invoke --function-name chancery-dev-live:live --payload '${JSON.stringify(event)}' $answer
        cat $answer`,
      );
      expect(out).toMatch(/"statusCode": ?401/);
    });

    it('tells of what is recorded, resumes without a loss, and ends for who was revoked', async () => {
      const first = connect(lea, '?type=decision.*');
      expect(await first.answered).toBe(101);
      await expect.poll(() => first.told[0]?.kind, PATIENCE).toBe('hello');
      const { connection_id } = first.told[0] ?? {};
      expect(await recorded('ws.connect', connection_id)).toBeDefined();
      const one = await decide();
      await expect.poll(() => first.told.map(({ record }) => record?.trace), PATIENCE).toContain(one);

      first.socket.send('{"kind":"ping"}');
      await expect.poll(() => first.told.at(-1)?.kind, PATIENCE).toBe('heartbeat');
      const cursor = first.told.findLast(({ kind }) => kind === 'record')?.cursor;
      first.socket.close(1000);
      await first.closed;
      await expect.poll(() => recorded('ws.disconnect', connection_id), PATIENCE).toBeDefined();

      const two = await decide();
      const second = connect(lea, `?type=decision.*&cursor=${cursor}`);
      await expect.poll(() => second.told.map(({ record }) => record?.trace), PATIENCE).toContain(two);
      const three = await decide();
      await expect.poll(() => second.told.map(({ record }) => record?.trace), PATIENCE).toContain(three);
      expect(ids(second.told).filter((id) => ids(first.told).includes(id))).toEqual([]);

      const admin = (sub: string) =>
        deployed().issuer.mint({ sub, name: `${sub} Admin`, roles: ['admin'], kind: 'human' });
      const asked = await deployed().call('POST /revocations', {
        token: await admin('ada'),
        body: { subject: 'lea', reason: 'security_incident' },
      });
      const { status } = await deployed().call(`POST /revocations/${asked.body.revocation_id}/confirm`, {
        token: await admin('bea'),
        body: {},
      });
      expect(status, JSON.stringify(asked.body)).toBe(200);
      await second.closed;
      const end = async () =>
        (await recorded('ws.disconnect', second.told[0]?.connection_id))?.record.data.reason;
      await expect.poll(end, PATIENCE).toBe('not_allowed');
    }, 120_000);
  });
}
