/**
 * What a request to AWS asks for, in the words of IAM: read off the wire, so that what functions really call can be
 * held against what they were granted.
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Call {
  /** Of the credentials: which function it was is known from them. */
  readonly accessKey: string;
  /** `dynamodb:PutItem`. */
  readonly action: string;
  /** Name of the table, bucket, function, ARN of the key or state machine; `*` where the action knows none. */
  readonly resource: string;
  /** Of a table: up to the first `#` and with it, since what follows is an id. */
  readonly partition?: string;
}

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Undefined for a request without a signature. */
export function callOf({ method, url, headers, body }: Asked): Call | undefined {
  const [, accessKey, service] =
    /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  if (accessKey === undefined || service === undefined) return undefined;
  const { pathname, searchParams } = new URL(url, 'http://aws');
  const operation = String(headers['x-amz-target'] ?? pathname.split('/').at(-1))
    .split('.')
    .at(-1);
  const action = `${SERVICES[service] ?? service}:${operation}`;
  if (service === 's3') return { accessKey, ...s3Call(method, pathname, searchParams) };
  if (service === 'execute-api') return { accessKey, action: 'execute-api:ManageConnections', resource: '*' };
  if (service === 'lambda') {
    const name = /\/functions\/([^/]+)\/invocations$/.exec(pathname)?.[1] ?? '*';
    return { accessKey, action: 'lambda:InvokeFunction', resource: decodeURIComponent(name) };
  }
  if (service === 'sns') {
    const form = new URLSearchParams(body);
    return { accessKey, action: `sns:${form.get('Action')}`, resource: form.get('TopicArn') ?? '*' };
  }
  const asked = jsonOf(body);
  const partition = partitionOf(asked);
  return {
    accessKey,
    action,
    resource: String(RESOURCE_MEMBERS.map((name) => asked[name]).find((value) => value !== undefined) ?? '*'),
    ...(partition === undefined ? {} : { partition }),
  };
}

/** Signing names that are not IAM's prefixes. */
const SERVICES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

const RESOURCE_MEMBERS = ['TableName', 'KeyId', 'stateMachineArn', 'executionArn', 'SecretId'];

function s3Call(method: string, path: string, query: URLSearchParams) {
  const [, bucket = '', ...key] = path.split('/');
  const object = key.join('/') !== '';
  if (!object) {
    const action = query.has('versions') ? 's3:ListBucketVersions' : 's3:ListBucket';
    return { action, resource: bucket };
  }
  const version = query.has('versionId') ? 'Version' : '';
  const verb = { PUT: 'Put', DELETE: 'Delete' }[method] ?? 'Get';
  // The parts of a tile that is not full yet are in a folder of its name (C2SP tlog-tiles): other rights go for them.
  const below = key.some((part) => part.endsWith('.p')) ? '*.p/*' : '*';
  return {
    action: `s3:${verb}Object${verb === 'Get' ? version : ''}`,
    resource: `${bucket}/${key.length > 1 ? `${key[0]}/${below}` : '*'}`,
  };
}

function jsonOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    // Other protocols than JSON: the action has no resource of its own then.
    return {};
  }
}

/** The partition key of the one item, or of the items, that a call to DynamoDB is about. */
function partitionOf(asked: Readonly<Record<string, unknown>>): string | undefined {
  const text = JSON.stringify(asked.Key ?? asked.Item ?? asked.ExpressionAttributeValues ?? null);
  const named = /"pk":\{"S":"([^"]*)"\}/.exec(text)?.[1] ?? /^\{"[^"]*":\{"S":"([^"]*)"\}/.exec(text)?.[1];
  return named === undefined ? undefined : (/^[^#]*#?/.exec(named)?.[0] ?? named);
}

/** The access keys that the stand-in gives a function under a role, for its versions (lambda_runtime.py). */
export function accessKeysOf(functionArn: string, role: string, versions: number): string[] {
  const qualified = ['', ':$LATEST', ':live', ...Array.from({ length: versions }, (_, at) => `:${at + 1}`)];
  return qualified.map((suffix) => {
    const digest = createHash('sha256').update(`${functionArn}${suffix}:${role}`).digest('hex');
    return `ASIA${digest.slice(0, 16).toUpperCase()}`;
  });
}
