import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contains, equals, literal } from '../../adapters/aws/logs-insights.ts';
import { main } from '../../cli/main.ts';

/** Answers as the API is documented: JSON 1.1, the operation in a header, a query that runs before it is complete. */
interface StandIn {
  readonly asked: { readonly operation: string; readonly body: Record<string, unknown> }[];
  groups: string[];
  statuses: string[];
  messages: string[];
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const line = (fields: Record<string, unknown>): string =>
  JSON.stringify({
    timestamp: '2026-11-21T08:00:00.000Z',
    level: 'info',
    logger: 'http',
    message: 'request',
    ...fields,
  });

let cloud: StandIn;
let server: Server;
let out = '';
let err = '';

beforeEach(async () => {
  cloud = {
    asked: [],
    groups: ['/chancery/dev/access', '/chancery/dev/audit', '/chancery/dev/gate'],
    statuses: ['Complete'],
    messages: [],
  };
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const body: Record<string, unknown> = JSON.parse(text);
    cloud.asked.push({ operation, body });
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(answer(operation, body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${address.port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'stand-in');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'stand-in');
  vi.stubEnv('CHANCERY_TOKEN', undefined);
  [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    err += String(chunk);
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function answer(operation: string, body: Record<string, unknown>): object {
  switch (operation) {
    case 'DescribeLogGroups': {
      // One a page.
      const at = Number(body.nextToken ?? 0);
      const found = cloud.groups.filter((name) => name.startsWith(String(body.logGroupNamePrefix)));
      return {
        logGroups: found.slice(at, at + 1).map((logGroupName) => ({ logGroupName })),
        ...(at + 1 < found.length ? { nextToken: String(at + 1) } : {}),
      };
    }
    case 'StartQuery':
      return { queryId: 'q-1' };
    default: {
      const status = cloud.statuses.shift();
      const rows = cloud.messages.map((value) => [
        { field: '@timestamp', value: '2026-11-21 08:00:00.000' },
        { field: '@message', value },
        { field: '@ptr', value: 'x' },
      ]);
      return { status, results: status === 'Complete' ? rows : [] };
    }
  }
}

const started = (): Record<string, unknown> =>
  cloud.asked.find(({ operation }) => operation === 'StartQuery')?.body ??
  expect.fail('no query was started');

describe('the logs of a deployed environment', () => {
  it('are searched in the groups of its functions, over the time asked for, until the query is complete', async () => {
    cloud.messages = [
      line({ trace_id: 'newest' }),
      '{"_aws":{"Timestamp":1},"HTTPRequests":1}',
      '2026-11-21T08:00:00.000Z Task timed out after 3.00 seconds\n',
    ];
    cloud.statuses = ['Scheduled', 'Running', 'Complete'];
    const before = Math.floor(Date.now() / 1_000);
    expect(
      await main([
        '--env',
        'dev',
        '--json',
        'logs',
        'search',
        '--query',
        'Timed',
        '--last',
        '1h',
        '--limit',
        '5',
      ]),
    ).toBe(0);
    const { logGroupNames, startTime, endTime, queryString } = started();
    expect(logGroupNames).toEqual(['/chancery/dev/audit', '/chancery/dev/gate']);
    expect(Number(endTime)).toBeGreaterThanOrEqual(before);
    expect(Number(endTime) - Number(startTime)).toBeLessThanOrEqual(3_601);
    expect(Number(endTime) - Number(startTime)).toBeGreaterThanOrEqual(3_600);
    expect(queryString).toBe(
      'fields @timestamp, @message | filter strcontains(tolower(@message), "timed") = 1 | sort @timestamp desc | limit 5',
    );
    expect(cloud.asked.filter(({ operation }) => operation === 'GetQueryResults')).toHaveLength(3);
    expect(
      out
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text)),
    ).toEqual([
      {
        timestamp: '2026-11-21T08:00:00.000Z',
        level: 'info',
        logger: 'lambda',
        message: '2026-11-21T08:00:00.000Z Task timed out after 3.00 seconds',
      },
      expect.objectContaining({ trace_id: 'newest' }),
    ]);
  });

  it('are searched by a field, as text or as a number', async () => {
    expect(await main(['logs', 'search', '--env', 'dev', '--query', 'status=503'])).toBe(0);
    expect(started().queryString).toContain(
      'filter (status = "503" or status = 503) or strcontains(tolower(@message), "status=503") = 1 |',
    );
  });

  it('show what one trace left, found by its request id too', async () => {
    cloud.messages = [line({ trace_id: TRACE, request_id: 'req_1' })];
    cloud.statuses = ['Complete', 'Complete'];
    expect(await main(['--env', 'dev', 'logs', 'trace', '--request-id', 'req_1'])).toBe(0);
    const queries = cloud.asked.flatMap(({ body }) => (body.queryString ? [String(body.queryString)] : []));
    expect(queries).toEqual([
      expect.stringContaining('filter request_id = "req_1" |'),
      expect.stringContaining(`filter trace_id = "${TRACE}" |`),
    ]);
    expect(out).toContain('1 log lines');
    expect(err).toContain('CHANCERY_TOKEN');
  });

  it('show slow requests, the slowest first', async () => {
    cloud.messages = [line({ duration_seconds: 9 }), line({ duration_seconds: 3 })];
    expect(await main(['--env', 'dev', '--json', 'logs', 'slow-requests', '--threshold', '1500ms'])).toBe(0);
    expect(started().queryString).toContain(
      'filter message = "request" and duration_seconds >= 1.5 | sort duration_seconds desc',
    );
    expect(
      out
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text).duration_seconds),
    ).toEqual([9, 3]);
  });

  it('say why there is no answer', async () => {
    const search = (environment: string) => main(['--env', environment, 'logs', 'search', '--query', 'x']);
    expect(await search('elsewhere')).toBe(2);
    expect(err).toContain('There is no environment elsewhere');
    expect(await search('prod')).toBe(3);
    expect(err).toContain('prod is not deployed here');
    cloud.statuses = ['Running', 'Timeout'];
    expect(await search('dev')).toBe(3);
    expect(err).toContain('CloudWatch ended the query: Timeout');
    expect(await main(['--env', 'dev', 'logs', 'search', '--query', 'x', '--limit', 'many'])).toBe(2);
  });

  it('ask for credentials where there are none', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'])
      vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent/config');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent/credentials');
    expect(await main(['--env', 'dev', 'logs', 'search', '--query', 'x'])).toBe(3);
    expect(err).toContain('no AWS credentials were found');
    expect(cloud.asked).toEqual([]);
  });
});

describe("a caller's text in a query", () => {
  it('cannot leave its quotes', () => {
    expect(literal('plain')).toBe('"plain"');
    expect(literal('x" | fields @message | filter "" = "')).toBe(
      '"x\\" | fields @message | filter \\"\\" = \\""',
    );
    expect(literal('ends with \\')).toBe('"ends with \\\\"');
    expect(literal('a\n# comment')).toBe('"a # comment"');
    expect(contains('A"B')).toBe('strcontains(tolower(@message), "a\\"b") = 1');
    expect(equals('actor', '1 or 1=1')).toBe('actor = "1 or 1=1"');
    expect(() => equals('a | b', 'x')).toThrow('no name of a field');
  });
});
