/** A stop waits for answers, and for nothing else. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { governed, PROJECT, startTestRuntime } from './support.ts';

it('goes when the last answer is out, though its client keeps the connection for more', async () => {
  let begun = (): void => undefined;
  const running = new Promise<void>((resolve) => (begun = resolve));
  const office = await startTestRuntime(
    { workflowsFolder: join(PROJECT, 'test/fixtures/workflows') },
    {
      engine: (engine) => ({
        ...engine,
        run(...run) {
          begun();
          return engine.run(...run);
        },
      }),
    },
  );
  const agent = new Agent({ keepAlive: true });
  const sent = request(`${office.runtime.url}/workflows/governed/execute`, {
    method: 'POST',
    agent,
    headers: { authorization: `Bearer ${await office.token()}`, 'content-type': 'application/json' },
  });
  const answered = once(sent, 'response');
  sent.end(JSON.stringify(governed({ workflow_name: 'nap' })));
  await running;
  const stopped = office.stop();
  const [response] = await answered;
  response.resume();
  await once(response, 'end');
  // A stop that waited for the connection would outlast this test.
  await stopped;
  expect(response.statusCode).toBe(200);
  agent.destroy();
});
