/** Signs requests as AWS Signature Version 4, over `@smithy/signature-v4`, with Node's own SHA-256. */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ToSign {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Answers the headers to send. `host` and `x-amz-date` are among them; everything given is signed. */
export type Sign = (request: ToSign, at: Date) => Promise<Record<string, string>>;

type Bytes = string | ArrayBuffer | ArrayBufferView;

/** What `@smithy/signature-v4` wants of a hash: SHA-256, or HMAC-SHA-256 where a key is given. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(key?: Bytes) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(key));
  }

  update(chunk: Bytes): void {
    this.#hash.update(bytesOf(chunk));
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }

  reset(): void {
    throw new TypeError('a hash is used once');
  }
}

function bytesOf(chunk: Bytes): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  return ArrayBuffer.isView(chunk)
    ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    : new Uint8Array(chunk);
}

/** `service`: `aps` for Managed Prometheus. Credentials are asked for at each request: a role's expire. */
export function signer(service: string, region: string, credentials: () => Promise<AwsCredentials>): Sign {
  const signature = new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: false });
  return async ({ method, url, headers, body }, at) => {
    const { protocol, hostname, port, host, pathname, searchParams } = new URL(url);
    const query: Record<string, string[]> = {};
    for (const [name, value] of searchParams) query[name] = [...(query[name] ?? []), value];
    const signed = await signature.sign(
      {
        method,
        protocol,
        hostname,
        ...(port === '' ? {} : { port: Number(port) }),
        path: pathname,
        query,
        headers: { ...headers, host },
        ...(body === undefined ? {} : { body }),
      },
      { signingDate: at },
    );
    return signed.headers;
  };
}
