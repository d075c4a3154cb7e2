/** A tool call through the office: decided, recorded before it is made, its outcome recorded after. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type McpWorld, openMcpWorld } from './world.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the assertions are the types.
type Seen = any;

const AIM = {
  actor: { name: 'Jake Smith' },
  input: { sources: [{ type: 'ticket', description: 'what was asked for' }] },
  mission: { objective: 'Clear the table that the ticket names', success_criteria: ['it is empty'] },
};

let world: McpWorld;
beforeAll(async () => {
  world = await openMcpWorld();
}, 60_000);
afterAll(() => world.stop());

const lastOf = async (type: string) => (await world.records(type)).at(-1);

describe('a call that is allowed', () => {
  it('is recorded before it is made and after, and says so in its answer', async () => {
    const client = await world.client();
    const answer: Seen = await client.callTool({ name: 'fixture.echo', arguments: { text: 'hello' } });
    expect(answer.isError).toBeUndefined();
    expect(answer.content).toEqual([{ type: 'text', text: 'echo {"text":"hello"}' }]);
    const [decision, outcome] = [await lastOf('decision.made'), await lastOf('tool.invoked')];
    expect(decision?.record.data).toMatchObject({
      outcome: 'allow',
      action: 'gateway:tool:invoke',
      resource: { type: 'tool', id: 'fixture.echo' },
      decision_id: answer._meta['org.chancery/decision_id'],
    });
    expect(answer._meta['org.chancery/receipt']).toMatchObject({ id: decision?.id });
    expect(outcome?.record.after).toBe(answer._meta['org.chancery/receipt'].record_hash);
    expect(outcome?.record.data).toMatchObject({
      tool: 'fixture.echo',
      outcome: 'success',
      decision_id: decision?.record.data.decision_id,
      execution_id: decision?.record.data.execution_id,
      result_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      duration_us: expect.any(Number),
    });
  });

  it('belongs to the trace of the caller', async () => {
    const client = await world.client();
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    await client.callTool({
      name: 'fixture.echo',
      arguments: { text: 'x' },
      _meta: { traceparent: `00-${trace}-00f067aa0ba902b7-01` },
    });
    expect((await lastOf('tool.invoked'))?.record.trace).toBe(trace);
  });

  it('reaches the server without secrets, and its answer leaves without them', async () => {
    const client = await world.client();
    const answer: Seen = await client.callTool({
      name: 'fixture.secret',
      arguments: { password: 'hunter2' },
    });
    expect(world.calls().at(-1)).toMatchObject({ name: 'secret', given: {} });
    expect(answer.structuredContent).toEqual({ user: 'ada' });
    expect(answer.content[0].text).toBe('{"user":"ada"}');
    expect((await lastOf('tool.invoked'))?.record.data.stripped).toEqual([
      '/structuredContent/password',
      '/content/0/text/api_key',
    ]);
  });

  it('reports the steps of the server', async () => {
    const client = await world.client();
    const steps: number[] = [];
    await client.callTool(
      { name: 'fixture.steps', arguments: {} },
      { onprogress: ({ progress }) => steps.push(progress) },
    );
    expect(steps).toEqual([1, 2]);
  });
});

describe('a call that is refused', () => {
  const refused = [
    { what: 'an unlisted tool', name: 'fixture.unlisted', code: 'CHARTER_DENIED', reason: 'unlisted_tool' },
    { what: 'a look-alike', name: 'fixture.Echo', code: 'CHARTER_DENIED', reason: 'lookalike_tool' },
    {
      what: 'a tool that no server has',
      name: 'fixture.absent',
      code: 'CHARTER_DENIED',
      reason: 'unknown_tool',
    },
    {
      what: 'arguments that miss the schema',
      name: 'fixture.echo',
      given: { text: 7 },
      code: 'GOVERNANCE_ERROR',
      reason: 'schema_error',
    },
    {
      what: 'a destructive tool without an aim',
      name: 'fixture.replace',
      code: 'GOVERNANCE_VALIDATION_FAILED',
      reason: 'missing_mission',
    },
  ];
  it.each(refused)(
    'is a result that a model can act on: $what',
    async ({ name, given = {}, code, reason }) => {
      const before = world.calls().length;
      const client = await world.client();
      const answer: Seen = await client.callTool({ name, arguments: given });
      expect(answer.isError).toBe(true);
      expect(answer.structuredContent).toMatchObject({ code, reasons: [{ code: reason }] });
      expect(answer.content[0].text).toContain(reason);
      expect(world.calls()).toHaveLength(before);
      expect((await lastOf('decision.made'))?.record.data).toMatchObject({ reasons: [{ code: reason }] });
    },
  );

  it('says how to register a mission, and is allowed with an aim', async () => {
    const client = await world.client();
    const answer: Seen = await client.callTool({ name: 'fixture.replace', arguments: {} });
    expect(answer.structuredContent.counterfactual).toMatchObject([
      { change: '/_meta/org.chancery~1mission', to: { register: 'POST /missions' }, outcome: 'allow' },
    ]);
    const aimed: Seen = await client.callTool({
      name: 'fixture.replace',
      arguments: {},
      _meta: { 'org.chancery/aim': AIM },
    });
    expect(aimed.isError).toBeUndefined();
  });
});
