/** Somebody with the file and a SQL tool makes it seem that a run came to an end that it did not. */
import { DatabaseSync } from 'node:sqlite';
import { decodeTime, ulid } from 'ulid';
import { afterEach, describe, expect, it } from 'vitest';
import { dataPaths } from '../../local/stores.ts';

import { governed, startTestRuntime, type TestRuntime } from './support.ts';

let chancery: TestRuntime | undefined;

afterEach(async () => {
  await chancery?.stop();
  chancery = undefined;
});

/** A genuine run of the operator's, and what an insider makes of the record of its end for another. */
async function withLookAlike() {
  const started = await startTestRuntime();
  chancery = started;
  const own = await started.execute(governed());
  expect(own.status).toBe(200);
  const { execution_id } = own.body;
  const never = `exe_${ulid(Date.now())}`;
  const tool = new DatabaseSync(dataPaths(started.folder).table, { timeout: 2_000 });
  const [end] = tool
    .prepare(
      `SELECT pk, sk, b, s FROM items WHERE pk GLOB 'LANE#*' AND instr(b, ?) > 0 AND instr(b, '"workflow.succeeded"') > 0`,
    )
    .all(execution_id);
  if (!(end?.b instanceof Uint8Array) || !(end.s instanceof Uint8Array)) throw new Error('there is no end');
  const b = Buffer.from(Buffer.from(end.b).toString().replace(execution_id, never));
  tool
    .prepare(`INSERT INTO items (pk, sk, b, s, more) VALUES ('LANE#00000777', '0000000000', ?, ?, '{}')`)
    .run(b, end.s);
  const item = (pk: string, sk: string, more: object) =>
    tool.prepare('INSERT INTO items (pk, sk, more) VALUES (?, ?, ?)').run(pk, sk, JSON.stringify(more));
  const asked = async (id: string) =>
    started.call('GET', `/executions/${id}`, { token: await started.token() });
  const genuine = `${Number(String(end.pk).slice(5))}.${Number(end.sk)}`;
  return { tool, item, asked, never, execution_id: String(execution_id), genuine };
}

describe('an execution that never was', () => {
  it('does not come to be by a look-alike of its end that an item or a note leads to', async () => {
    const { tool, item, asked, never, execution_id } = await withLookAlike();
    expect((await asked(execution_id)).body).toMatchObject({ status: 'succeeded' });
    const time = new Date(decodeTime(never.slice('exe_'.length))).toISOString();
    item(`RUNS#${time.slice(0, 16)}`, `${time.slice(17, 19)}#999999999999.000`, { runs: `${never} 777.0` });
    expect((await asked(never)).status).toBe(404);
    item(`EXECUTION#${never}`, 'run', { version: 1, state: 'ended', at: Date.now(), end: '777.0' });
    expect((await asked(never)).status).toBe(404);
    tool.close();
  });

  it('does not come to be by the genuine end of another one either', async () => {
    const { tool, item, asked, never, execution_id, genuine } = await withLookAlike();
    item(`EXECUTION#${never}`, 'run', { version: 1, state: 'ended', at: Date.now(), end: genuine });
    expect((await asked(never)).status).toBe(404);
    item(`EXECUTION#${execution_id}`, 'run', { version: 1, state: 'ended', at: Date.now(), end: genuine });
    expect((await asked(execution_id)).body).toMatchObject({ status: 'succeeded', execution_id });
    tool.close();
  });
});
