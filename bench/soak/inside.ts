/**
 * What a process holds, looked at from outside: its heap once garbage is collected, asked of its inspector, and its files by Linux's list
 * of descriptors. What is resident says as much of the allocator as of us, and sockets are as many as clients have open.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import * as z from 'zod';

export interface Held {
  /** Bytes of the main thread's heap, and of buffers outside of it, after a full collection. */
  readonly heap: number;
  readonly external: number;
  /** Descriptors by what they are. */
  readonly files: number;
  readonly sockets: number;
}

const targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);
const usage = z.object({
  result: z.object({
    result: z.object({ value: z.object({ heapUsed: z.number(), external: z.number() }) }),
  }),
});

/** @param inspector port of `--inspect` */
export async function heldBy(pid: number, inspector: number): Promise<Held> {
  const list = await fetch(`http://127.0.0.1:${inspector}/json/list`);
  const [{ webSocketDebuggerUrl } = { webSocketDebuggerUrl: '' }] = targets.parse(await list.json());
  const socket = new WebSocket(webSocketDebuggerUrl);
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  const ask = async (method: string, params: object = {}): Promise<unknown> => {
    const answer = new Promise<MessageEvent>((resolve) =>
      socket.addEventListener('message', resolve, { once: true }),
    );
    socket.send(JSON.stringify({ id: 1, method, params }));
    return JSON.parse(String((await answer).data));
  };
  await ask('HeapProfiler.collectGarbage');
  const expression = '(({ heapUsed, external }) => ({ heapUsed, external }))(process.memoryUsage())';
  const { value } = usage.parse(await ask('Runtime.evaluate', { expression, returnByValue: true })).result
    .result;
  socket.close();
  const kinds = readdirSync(`/proc/${pid}/fd`).map((name) => kindOf(`/proc/${pid}/fd/${name}`));
  return {
    heap: value.heapUsed,
    external: value.external,
    files: kinds.filter((kind) => kind === 'file').length,
    sockets: kinds.filter((kind) => kind === 'socket').length,
  };
}

function kindOf(link: string): 'file' | 'socket' | 'gone' {
  try {
    return readlinkSync(link).startsWith('socket:') ? 'socket' : 'file';
  } catch {
    // Closed since it was listed.
    return 'gone';
  }
}
