/**
 * Chancery deployed to an AWS stand-in by the CDK CLI, as an operator would deploy it to AWS, and driven over
 * HTTP. IAM is enforced: a function that lacks a right fails here as it would there.
 */
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { createDynamoClient } from '../../adapters/aws/dynamodb-client.ts';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { signer } from '../../adapters/aws/sigv4.ts';
import type { Table } from '../../src/ports.ts';
import { freePort } from '../support/free-port.ts';
import { type Ended, Operator } from './deploy/operator.ts';
import { SpanDaemon } from './deploy/span-daemon.ts';
import { Wire } from './deploy/wire.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import { ACCOUNT, type Ministack, REGION, startMinistack } from './ministack.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: answers of the API under test, asserted member by member
  readonly body: any;
}

export interface Call {
  /** Id of the API, where it is not that of dev. */
  readonly api?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page of another origin, that may call. */
export const PAGE = 'https://app.example.org';

export class Deployment {
  readonly issuer: Issuer;
  readonly ministack: Ministack;
  readonly endpoint: Endpoint;
  /** Between the functions and everything of AWS. */
  readonly wire: Wire;
  readonly operator: Operator;
  /** What the functions' spans are sent to. */
  readonly spans: SpanDaemon;
  #api = '';

  private constructor(
    issuer: Issuer,
    ministack: Ministack,
    endpoint: Endpoint,
    wire: Wire,
    spans: SpanDaemon,
  ) {
    this.spans = spans;
    this.issuer = issuer;
    this.ministack = ministack;
    this.endpoint = endpoint;
    this.wire = wire;
    this.operator = new Operator({
      environment: ministack.environment,
      context: { 'stand-in': 'true', deployEndpoint: endpoint.url, origins: PAGE },
      filledIn: { 'https://login.example.org': issuer.url },
    });
  }

  /** Starts the stand-in, an issuer and an endpoint to deploy to. Deploys nothing yet. */
  static async start(log: (text: string) => void): Promise<Deployment> {
    const issuer = await startIssuer();
    const port = await freePort();
    const wire = await Wire.open(port);
    const spans = await SpanDaemon.open();
    const ministack = await startMinistack({
      port,
      enforceIam: true,
      // Functions inherit this: what they say to AWS goes over the wire.
      environment: {
        NODE_EXTRA_CA_CERTS: issuer.certificate,
        AWS_ENDPOINT_URL: wire.url,
        AWS_XRAY_DAEMON_ADDRESS: spans.address,
      },
      log,
    });
    return new Deployment(issuer, ministack, await startEndpoint(), wire, spans);
  }

  /** Follows a section of docs/operations.md that deploys; `version` is that of the code that is deployed. */
  async deploy(section: string, version?: string): Promise<string> {
    const printed = await this.operator.follow(section, version);
    this.#api = await this.apiOf('dev');
    return printed;
  }

  /** Id of the API of an environment. */
  async apiOf(environment: string): Promise<string> {
    const { out } = await this.operator.shell(
      `aws cloudformation describe-stacks --stack-name chancery-${environment}-gate --output text \\
        --query "Stacks[0].Outputs[?OutputKey=='ApiUrl'].OutputValue"`,
    );
    const api = /^https:\/\/([a-z0-9]+)\.execute-api/.exec(out)?.[1];
    if (api === undefined) throw new Error(`no API in the outputs: ${out}`);
    return api;
  }

  /** One request through API Gateway. `method path`, as in `POST /workflows/governed/execute`. */
  call(route: string, { token, body, headers, api = this.#api }: Call = {}): Promise<Answer> {
    const [method, path] = route.split(' ');
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    return new Promise((done, failed) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: this.ministack.port,
          method,
          path: `/v1${path}`,
          headers: {
            host: `${api}.execute-api.localhost:${this.ministack.port}`,
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            // Said by hand: Node sends none with DELETE, and the body would be read as the next request.
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
            ...headers,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () => {
            const answer = Buffer.concat(chunks).toString('utf8');
            const json = answer !== '' && /[/+]json\b/.test(incoming.headers['content-type'] ?? '');
            done({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: json ? JSON.parse(answer) : answer,
            });
          });
        },
      );
      outgoing.on('error', failed);
      outgoing.end(text);
    });
  }

  /** Calls a function by itself, as EventBridge does, and waits for it. */
  async invoke(name: string, event: object): Promise<{ readonly failed: boolean; readonly answer: string }> {
    const url = `${this.ministack.endpoint}/2015-03-31/functions/chancery-dev-${name}/invocations?Qualifier=live`;
    const body = JSON.stringify(event);
    const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'test' };
    const sign = signer('lambda', REGION, async () => credentials);
    const headers = { 'content-type': 'application/json' };
    const { host: _, ...signed } = await sign({ method: 'POST', url, body, headers }, new Date());
    const answer = await fetch(url, { method: 'POST', headers: signed, body });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    return { failed: answer.headers.has('x-amz-function-error'), answer: await answer.text() };
  }

  /** `chancery …` as an operator runs it, against this deployment. */
  chancery(args: readonly string[]): Promise<Ended> {
    return this.operator.shell(`npx chancery --env dev ${args.join(' ')}`);
  }

  /** One of its tables, with the rights of the account's owner. */
  table(part: 'ledger' | 'state', environment = 'dev'): Table {
    const { endpoint } = this.ministack;
    const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'test' };
    return openDynamoTable(
      createDynamoClient({ region: REGION, endpoint, credentials }),
      `chancery-${environment}-${part}`,
    );
  }

  ledgerTable(): Table {
    return this.table('ledger');
  }

  async stop(): Promise<void> {
    await this.ministack.stop();
    await this.wire.close();
    this.spans.close();
    await this.issuer.stop();
    await this.endpoint.stop();
  }
}

/** The body of one call, as the shipped workflows send it. */
export interface Deployed {
  readonly target: string;
  readonly execution_id: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What the shipped deployment workflows call: it takes deployments and is healthy. */
export interface Endpoint {
  readonly url: string;
  /** Bodies of the deployments that came. */
  readonly deployments: readonly Deployed[];
  /** Headers of every call. */
  readonly calls: readonly IncomingHttpHeaders[];
  stop(): Promise<void>;
}

async function startEndpoint(): Promise<Endpoint> {
  const deployments: Deployed[] = [];
  const calls: IncomingHttpHeaders[] = [];
  const server: Server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    calls.push(incoming.headers);
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      if (incoming.method === 'POST') deployments.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify({ ok: true }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the endpoint has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    deployments,
    calls,
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
