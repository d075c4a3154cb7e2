/** A server in a process of its own, as benchmarks wait for it, prepare it and end it. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when something answers at `url`. Throws after a minute. */
export async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const up = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return;
    await sleep(100);
  }
  throw new Error(`nothing answers at ${url}`);
}

/** A tool is called only after somebody looked at it. */
export async function reviewTools(url: string, reviewer: string): Promise<void> {
  const headers = { authorization: `Bearer ${reviewer}`, 'content-type': 'application/json' };
  const { tools } = (await (await fetch(`${url}/tools`, { headers })).json()) as {
    tools: { tool: string; definition_digest: string; listed: boolean }[];
  };
  for (const { tool, definition_digest } of tools.filter(({ listed }) => listed))
    await fetch(`${url}/tools/reviews`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ tool, definition_digest }),
    });
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
