/** Approval in the protocol: a client that can open a URL, one that cannot, and an approved call that is made once. */
import { DatabaseSync } from 'node:sqlite';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPaths } from '../../local/stores.ts';
import { following } from '../../src/basics/ids.ts';
import { type McpWorld, openMcpWorld } from './world.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
type Seen = any;

let world: McpWorld;
beforeAll(async () => {
  world = await openMcpWorld();
}, 60_000);
afterAll(() => world.stop());

/** In manual mode the client hands back what the server asks for. */
const MANUAL = {
  capabilities: { elicitation: { url: {} } },
  inputRequired: { autoFulfill: false },
};
const opening = (): Promise<Client> => world.client({}, MANUAL);

const deploy = (
  client: Client,
  given: Record<string, unknown> = { version: 'v1' },
  state?: string,
): Promise<Seen> =>
  client.request(
    {
      method: 'tools/call',
      params: {
        name: 'fixture.deploy',
        arguments: given,
        ...(state === undefined
          ? {}
          : { requestState: state, inputResponses: { approval: { action: 'accept' } } }),
      },
    },
    { allowInputRequired: true },
  );

async function approve(approval_id: string, at = world): Promise<void> {
  for (const sub of ['rita', 'paul']) {
    const token = await at.chancery.token({
      sub,
      name: `${sub} Person`,
      email: `${sub}@example.org`,
      roles: ['committee_member'],
    });
    const { status, text } = await at.chancery.call('POST', `/approvals/${approval_id}/approve`, {
      token,
      body: {},
    });
    if (status !== 200) throw new Error(text);
  }
}

const deployed = (at = world) => at.calls().filter(({ name }) => name === 'deploy').length;
const idIn = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

describe('a call that needs approval', () => {
  it('leads a client that can open a URL to the approval, and waits while nobody decided', async () => {
    const client = await opening();
    const asked = await deploy(client);
    expect(asked.resultType).toBe('input_required');
    const { params } = asked.inputRequests.approval;
    expect(params).toMatchObject({ mode: 'url', url: expect.stringContaining('/approvals/apr_') });
    const again = await deploy(client, { version: 'v1' }, asked.requestState);
    expect(again.resultType).toBe('input_required');
    expect(again.inputRequests.approval.params.url).toBe(params.url);
    expect(deployed()).toBe(0);
  });

  it('tells another client the approval in its result', async () => {
    const client = await world.client();
    const answer: Seen = await client.callTool({ name: 'fixture.deploy', arguments: { version: 'v9' } });
    expect(answer.isError).toBe(true);
    expect(answer.structuredContent).toMatchObject({
      code: 'APPROVAL_REQUIRED',
      approval: { approval_id: expect.stringMatching(/^apr_/), status: 'pending' },
    });
  });

  it('is the same approval however often such a client asks, and the call once it was granted', async () => {
    const client = await world.client();
    const ask = (): Promise<Seen> =>
      client.callTool({ name: 'fixture.deploy', arguments: { version: 'v10' } });
    const [one, two] = [await ask(), await ask()];
    const { approval_id } = one.structuredContent.approval;
    expect(two.structuredContent.approval.approval_id).toBe(approval_id);
    await approve(approval_id);
    const before = deployed();
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.filter(({ isError }) => isError !== true)).toHaveLength(1);
    expect(deployed()).toBe(before + 1);
    // Used: the next one is another call, which people are asked about anew.
    const { structuredContent } = await ask();
    expect(structuredContent).toMatchObject({ code: 'APPROVAL_REQUIRED', approval: { status: 'pending' } });
    expect(structuredContent.approval.approval_id).not.toBe(approval_id);
  });

  it('is made once although somebody takes the mark of it out of the store', async () => {
    const client = await opening();
    const given = { version: 'v11' };
    const asked = await deploy(client, given);
    const id = idIn(asked.inputRequests.approval.params.url);
    await approve(id);
    expect((await deploy(client, given, asked.requestState)).isError).toBeUndefined();
    const before = deployed();
    await world.chancery.runtime.office.table.remove('TOOL_GRANTS', id);
    const again = await deploy(client, given, asked.requestState);
    expect(again.structuredContent).toMatchObject({ reasons: [{ code: 'approval_used' }] });
    expect(deployed()).toBe(before);
  });

  it('is made once when it was approved, however many ask at the same moment', async () => {
    const client = await opening();
    const asked = await deploy(client);
    await approve(idIn(asked.inputRequests.approval.params.url));
    const before = deployed();
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => deploy(client, { version: 'v1' }, asked.requestState)),
    );
    expect(deployed()).toBe(before + 1);
    expect(answers.filter(({ isError }) => isError !== true)).toHaveLength(1);
    const refused = answers.filter(({ isError }) => isError === true);
    for (const { structuredContent } of refused)
      expect(structuredContent).toMatchObject({
        code: 'CHARTER_DENIED',
        reasons: [{ code: 'approval_used' }],
      });
    const outcome = (await world.records('tool.invoked')).at(-1);
    expect(outcome?.record.data).toMatchObject({ tool: 'fixture.deploy', outcome: 'success' });
  });

  it.each([
    ['cut', (state: string) => state.slice(0, -4), { version: 'v1' }],
    [
      'changed',
      (state: string) => `${state.startsWith('A') ? 'B' : 'A'}${state.slice(1)}`,
      { version: 'v1' },
    ],
    ['empty', () => '', { version: 'v1' }],
    ['of other arguments', (state: string) => state, { version: 'v2' }],
  ])('is not made for a state that is %s', async (_what, twist, given) => {
    const client = await opening();
    const asked = await deploy(client);
    await approve(idIn(asked.inputRequests.approval.params.url));
    const before = deployed();
    const answer = await deploy(client, given, twist(asked.requestState));
    expect(answer.structuredContent).toMatchObject({ reasons: [{ code: 'request_state_invalid' }] });
    expect(deployed()).toBe(before);
    const decision = (await world.records('decision.made')).at(-1);
    expect(decision?.record.data.reasons).toMatchObject([{ code: 'request_state_invalid' }]);
  });

  it('is not made for a state of somebody else', async () => {
    const asked = await deploy(await opening());
    await approve(idIn(asked.inputRequests.approval.params.url));
    const other = await world.client({ sub: 'eve', name: 'Eve Other' }, MANUAL);
    const answer = await deploy(other, { version: 'v1' }, asked.requestState);
    expect(answer.structuredContent).toMatchObject({ reasons: [{ code: 'request_state_invalid' }] });
  });

  it('is not made after somebody said no', async () => {
    const client = await opening();
    const asked = await deploy(client);
    const id = idIn(asked.inputRequests.approval.params.url);
    const token = await world.chancery.token({
      sub: 'rita',
      name: 'Rita Person',
      email: 'rita@example.org',
      roles: ['committee_member'],
    });
    await world.chancery.call('POST', `/approvals/${id}/reject`, { token, body: {} });
    const answer = await deploy(client, { version: 'v1' }, asked.requestState);
    expect(answer.structuredContent).toMatchObject({ reasons: [{ code: 'approval_rejected' }] });
  });
});

describe('an approved call that was made', () => {
  // In a world of its own: what was done to its ledger is found soon, and nothing is recorded there any more.
  it('is not made again although somebody spoilt the record of it', async () => {
    const own = await openMcpWorld();
    try {
      const client = await own.client({}, MANUAL);
      const given = { version: 'v12' };
      const asked = await deploy(client, given);
      const id = idIn(asked.inputRequests.approval.params.url);
      await approve(id, own);
      expect((await deploy(client, given, asked.requestState)).isError).toBeUndefined();
      expect(deployed(own)).toBe(1);
      await own.chancery.runtime.office.table.remove('TOOL_GRANTS', id);
      const tool = new DatabaseSync(dataPaths(own.chancery.folder).table, { timeout: 2_000 });
      const spoilt = tool
        .prepare("UPDATE items SET s = zeroblob(length(s)) WHERE pk GLOB 'LANE#*' AND instr(b, ?) > 0")
        .run(following(id, 'exe'));
      tool.close();
      expect(spoilt.changes).toBeGreaterThan(0);
      await deploy(client, given, asked.requestState).catch(() => 'refused');
      expect(deployed(own)).toBe(1);
    } finally {
      await own.stop();
    }
  }, 60_000);
});
