import { beforeEach, describe, expect, it } from 'vitest';
import { readExecution, readPart } from '../src/execution/executions.ts';
import { findStale, hearEnd } from '../src/execution/settling.ts';
import { openWorld, succeeded } from './settling-world.ts';
import { person, pseudonym } from './support/person.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
beforeEach(async () => {
  world = await openWorld();
});
const read = (id: string) => readExecution(world.executions, id);

describe('an execution', () => {
  it('that is long runs until its end was heard, and its output is for who asked only', async () => {
    const { id } = await world.start('deploy-to-production');
    expect(await read(id)).toMatchObject({
      status: 'running',
      workflow: 'deploy-to-production',
      subject: pseudonym(person('jake')),
    });
    await hearEnd(world.deps, id, succeeded);
    const execution = await read(id);
    expect(execution).toMatchObject({
      status: 'succeeded',
      drag_mode: 'execute',
      end: { outcome: 'success' },
    });
    if (execution === undefined) throw new Error('it is gone');
    const output = await readPart(world.executions, execution, 'output', person('jake'));
    expect(JSON.parse(new TextDecoder().decode(output?.bytes))).toEqual({ health: 'ok' });
    expect(await readPart(world.executions, execution, 'output', person('mallory'))).toBeUndefined();
    expect(await readPart(world.executions, execution, 'document', person('jake'))).toBeUndefined();
  });

  it('that failed says so', async () => {
    const { id } = await world.start('deploy-to-production');
    await hearEnd(world.deps, id, {
      status: 'failed',
      error: 'EndpointMissing',
      cause: 'not set',
      duration_us: 1,
    });
    expect(await read(id)).toMatchObject({
      status: 'failed',
      end: { error_type: 'EndpointMissing', settlement: { result: 'unknown' } },
    });
  });

  it('that is short is found by its records: running, then stale when nothing was heard', async () => {
    const { id } = await world.start('compliance-report');
    expect(await read(id)).toMatchObject({ status: 'running', workflow: 'compliance-report' });
    world.time.now += 60_000;
    await findStale(world.deps);
    expect(await read(id)).toMatchObject({ status: 'stale', end: { outcome: 'stale' } });
  });

  it('is still found by its records when the person was erased in the middle', async () => {
    const { id } = await world.start('deploy-to-production');
    await world.erase();
    expect(await read(id)).toMatchObject({ status: 'running', workflow: 'deploy-to-production' });
  });

  it('that never was is not found, however much happened since', async () => {
    const { id } = await world.start('compliance-report');
    const unknown = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    world.time.now += 3_600_000;
    await world.start('compliance-report');
    expect(await read(unknown)).toBeUndefined();
    expect(await read('exe_ZZZZZZZZZZZZZZZZZZZZZZZZZZ')).toBeUndefined();
    expect(await read('../../etc/passwd')).toBeUndefined();
  });
});
