/** The local runtime in a process of its own, as a person starts it; to be killed, or loaded from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

export interface RuntimeProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts `chancery start --json` and waits for its first line; `flags` are Node's. */
export async function startProcess(
  folder: string,
  environment: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<RuntimeProcess> {
  const child = spawn(process.execPath, [...flags, 'bin/chancery.ts', 'start', '--json'], {
    cwd: PROJECT,
    env: { ...process.env, PORT: '0', CHANCERY_DATA: folder, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  if (!child.stdout) throw new Error('the runtime has no standard output');
  const first = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line)),
    gone.then(([code]) =>
      Promise.reject(new Error(`the runtime ended with ${String(code)} before it was ready`)),
    ),
  ]);
  const { url } = JSON.parse(first) as { url: string };
  return {
    url,
    child,
    async kill(signal) {
      child.kill(signal);
      await gone;
    },
  };
}
