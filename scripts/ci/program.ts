import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Where a program's words go: an open file by its descriptor (1 is our own standard output), or nowhere. */
export type Output = number | 'ignore';

/** @returns whether it ended well; false when a signal ended it. @throws when it cannot be started */
export async function ended(
  program: string,
  args: readonly string[],
  output: Output,
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const child = spawn(program, args, {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}
