/**
 * The wire between the deployed functions and AWS: a proxy on loopback that can lose one service in the ways a
 * real one is lost. Only functions go through it; the CDK CLI and an operator's tools reach the stand-in directly.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type Call, callOf } from './calls.ts';

/**
 * `refuse`: the connection is cut before the request is passed on, so it did not happen. `hang`: nothing is
 * passed on and nothing answered. `forget`: it is passed on and done, and the answer is lost.
 */
export type Fault = 'refuse' | 'hang' | 'forget';

export class Wire {
  readonly #server: Server;
  readonly #target: number;
  readonly #faults = new Map<string, { readonly fault: Fault; left: number }>();
  /** Requests that met a fault, by what was lost: a test that cut a wire nobody used has shown nothing. */
  readonly met = new Map<string, number>();
  /** What was asked of AWS, each once, by `caller action resource partition`. */
  readonly calls = new Map<string, Call>();

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((incoming, answer) => this.#pass(incoming, answer));
  }

  /** @param target port of the stand-in on loopback, which need not listen yet */
  static async open(target: number): Promise<Wire> {
    const wire = new Wire(target);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the wire has no port');
    return `http://127.0.0.1:${address.port}`;
  }

  /**
   * Loses a service (`dynamodb`, `states`, `kms`, `s3`) or one operation of it (`dynamodb:PutItem`) while `work`
   * goes on, and then has it back. `times`: only the first so many requests meet the fault.
   */
  async without<T>(lost: string, fault: Fault, work: () => Promise<T>, times = Infinity): Promise<T> {
    this.#faults.set(lost, { fault, left: times });
    this.met.set(lost, 0);
    try {
      return await work();
    } finally {
      this.#faults.delete(lost);
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #faultFor(incoming: IncomingMessage): Fault | undefined {
    const service = serviceOf(incoming);
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1);
    for (const lost of [service, `${service}:${operation}`]) {
      const found = this.#faults.get(lost);
      if (found === undefined || found.left === 0) continue;
      found.left -= 1;
      this.met.set(lost, (this.met.get(lost) ?? 0) + 1);
      return found.fault;
    }
    return undefined;
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const fault = this.#faultFor(incoming);
    if (fault === 'refuse') return void incoming.socket.destroy();
    if (fault === 'hang') return;
    const { method = 'GET', url = '/', headers } = incoming;
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const call = callOf({ method, url, headers, body: Buffer.concat(chunks).toString('utf8') });
      if (call !== undefined) this.calls.set(JSON.stringify(call), call);
    });
    const outgoing = request({ host: '127.0.0.1', port: this.#target, method, path: url, headers });
    outgoing.on('response', (told) => {
      if (fault === 'forget') {
        told.resume();
        told.on('end', () => incoming.socket.destroy());
        return;
      }
      answer.writeHead(told.statusCode ?? 502, told.headers);
      told.pipe(answer);
    });
    // The stand-in itself is away: the function sees what it would see without us.
    outgoing.on('error', () => incoming.socket.destroy());
    incoming.pipe(outgoing);
  }
}

/** Of a signed request (SigV4, credential scope `key/date/region/service/aws4_request`). */
function serviceOf({ headers }: IncomingMessage): string {
  return /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'unsigned';
}
