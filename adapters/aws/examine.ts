/** Asks AWS what `chancery doctor` wants to know, with the operator's own credentials and rights to read. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';
import type { Account, Answered, Deployment, Issuer } from '../../src/watch/ops/doctor.ts';
import { fetchSigned } from './signed-fetch.ts';
import { type AwsCredentials, signer } from './sigv4.ts';

export interface ExamineWhere {
  readonly region: string;
  /** A stand-in's address; AWS's own when absent. */
  readonly endpoint?: string;
}

interface Request {
  readonly service: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const PATIENCE_MS = 10_000;

/** Everything of the account; `issuers` are asked for their keys over the network. */
export async function askAccount(where: ExamineWhere, issuers: readonly string[]): Promise<Account> {
  const [concurrency, bootstrap, trails] = await Promise.all([
    asked(async () => {
      const { AccountLimit } = limits.parse(
        await call(where, { service: 'lambda', path: '/2016-08-19/account-settings/' }),
      );
      return AccountLimit.ConcurrentExecutions;
    }),
    asked(() => bootstrapVersion(where)),
    asked(async () => {
      const { trailList } = trailsOf.parse(
        await call(where, json('cloudtrail', TRAIL_TARGET, { includeShadowTrails: true })),
      );
      return trailList.length;
    }),
  ]);
  const known = await Promise.all(
    issuers.map(async (issuer): Promise<Issuer> => ({ issuer, keys: await asked(() => keysOf(issuer)) })),
  );
  return { region: where.region, concurrency, bootstrap, trails, issuers: known };
}

const TRAIL_TARGET = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails';
const limits = z.object({ AccountLimit: z.object({ ConcurrentExecutions: z.number() }) });
const trailsOf = z.object({ trailList: z.array(z.unknown()) });
const parameterOf = z.object({ Parameter: z.object({ Value: z.string() }) });

async function bootstrapVersion(where: ExamineWhere): Promise<number> {
  const Name = '/cdk-bootstrap/hnb659fds/version';
  try {
    const answer = await call(where, json('ssm', 'AmazonSSM.GetParameter', { Name }));
    return Number(parameterOf.parse(answer).Parameter.Value);
  } catch (error) {
    if (error instanceof Error && error.message.includes('ParameterNotFound')) return 0;
    throw error;
  }
}

/** OpenID Connect Discovery 1.0, section 4; an issuer without it has its keys at the usual place. */
async function keysOf(issuer: string): Promise<number> {
  const base = issuer.replace(/\/$/, '');
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const discovery = await fetch(`${base}/.well-known/openid-configuration`, { signal });
  const found = discovery.ok ? z.object({ jwks_uri: z.url() }).safeParse(await discovery.json()) : undefined;
  const url = found?.success ? found.data.jwks_uri : `${base}/.well-known/jwks.json`;
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return z.object({ keys: z.array(z.unknown()) }).parse(await answer.json()).keys.length;
}

/** Scheduled functions do what they do every minute anyhow; of the others it is asked whether they could be called. */
const SCHEDULED = new Set(['canary', 'heal', 'seal', 'siem', 'sweep']);

/** Undefined where nothing of this environment is deployed. */
export async function askDeployment(
  where: ExamineWhere,
  environment: string,
): Promise<Deployment | undefined> {
  const prefix = `chancery-${environment}-`;
  const stacks = await asked(() => stacksOf(where, prefix));
  if ('found' in stacks && stacks.found.length === 0) return undefined;
  const api = 'found' in stacks ? stacks.found.find(({ url }) => url !== undefined)?.url : undefined;
  const names = await asked(() => functionsOf(where, prefix));
  const functions = await Promise.all(
    ('found' in names ? names.found : []).map(async (name) => ({
      name: name.slice(prefix.length),
      answers: await asked(() => callFunction(where, name, SCHEDULED.has(name.slice(prefix.length)))),
    })),
  );
  const secrets = await Promise.all(
    ['notify', 'canary'].map(async (part) => {
      const name = `chancery/${environment}/${part}`;
      return { name, filled: await asked(() => isFilled(where, name)) };
    }),
  );
  return {
    stacks,
    ready: await asked(() => readiness(api)),
    functions: 'refused' in names ? [{ name: 'functions', answers: names }] : functions,
    alarms: await asked(() => alarmsOf(where, prefix)),
    secrets,
  };
}

async function stacksOf(where: ExamineWhere, prefix: string) {
  const client = new CloudFormationClient(where);
  const found: { name: string; status: string; url?: string }[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeStacksCommand({ NextToken }));
    for (const { StackName = '', StackStatus = '', Outputs = [] } of page.Stacks ?? []) {
      if (!StackName.startsWith(prefix) || StackStatus === 'DELETE_COMPLETE') continue;
      const url = Outputs.find(({ OutputKey }) => OutputKey === 'ApiUrl')?.OutputValue;
      found.push({ name: StackName, status: StackStatus, ...(url === undefined ? {} : { url }) });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

async function readiness(api: string | undefined): Promise<number> {
  if (api === undefined) throw new Error('the gate stack names no API');
  const answer = await fetch(`${api.replace(/\/$/, '')}/health/ready`, {
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return answer.status;
}

const listed = z.object({
  Functions: z.array(z.object({ FunctionName: z.string() })),
  NextMarker: z.string().nullish(),
});

async function functionsOf(where: ExamineWhere, prefix: string): Promise<string[]> {
  const names: string[] = [];
  let marker: string | null | undefined;
  do {
    const path = `/2015-03-31/functions/${marker ? `?Marker=${encodeURIComponent(marker)}` : ''}`;
    const page = listed.parse(await call(where, { service: 'lambda', path }));
    names.push(...page.Functions.map(({ FunctionName }) => FunctionName));
    marker = page.NextMarker;
  } while (marker);
  return names.filter((name) => name.startsWith(prefix)).sort();
}

async function callFunction(where: ExamineWhere, name: string, really: boolean): Promise<true> {
  const answer = await send(where, {
    service: 'lambda',
    method: 'POST',
    path: `/2015-03-31/functions/${name}:live/invocations`,
    headers: { 'x-amz-invocation-type': really ? 'RequestResponse' : 'DryRun' },
    body: JSON.stringify({ source: 'doctor' }),
  });
  if (answer.headers.get('x-amz-function-error') !== null) throw new Error(`fails: ${await answer.text()}`);
  return true;
}

const secretOf = z.object({ SecretString: z.string().default('') });

async function isFilled(where: ExamineWhere, SecretId: string): Promise<boolean> {
  const answer = await call(where, json('secretsmanager', 'secretsmanager.GetSecretValue', { SecretId }));
  return !/^\s*(?:\{\s*\})?\s*$/.test(secretOf.parse(answer).SecretString);
}

async function alarmsOf(where: ExamineWhere, AlarmNamePrefix: string) {
  const client = new CloudWatchClient(where);
  const found: { name: string; state: string }[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeAlarmsCommand({ AlarmNamePrefix, NextToken }));
    for (const { AlarmName = '', StateValue = '' } of page.MetricAlarms ?? [])
      found.push({ name: AlarmName.slice(AlarmNamePrefix.length), state: StateValue });
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

async function asked<T>(ask: () => Promise<T>): Promise<Answered<T>> {
  try {
    return { found: await ask() };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

const json = (service: string, target: string, body: object): Request => ({
  service,
  method: 'POST',
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
  body: JSON.stringify(body),
});

async function call(where: ExamineWhere, request: Request): Promise<unknown> {
  return (await send(where, request)).json();
}

async function send(where: ExamineWhere, request: Request): Promise<Response> {
  const { service, method = 'GET', path = '/', headers = {}, body } = request;
  const { href: url } = new URL(path, where.endpoint ?? `https://${service}.${where.region}.amazonaws.com`);
  const sign = signer(service, where.region, () => credentials(where));
  const answer = await fetchSigned({ sign, fetch, clock: Date.now }, url, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!answer.ok)
    throw new Error(`${service} answers ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  return answer;
}

/** Those that the SDK's own chain finds: profile, environment, single sign-on. */
const credentials = (where: ExamineWhere): Promise<AwsCredentials> =>
  new CloudFormationClient(where).config.credentials();
