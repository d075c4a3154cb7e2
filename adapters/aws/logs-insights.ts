/**
 * The log lines of a deployed environment, by CloudWatch Logs Insights: a query is started, asked for until it is
 * complete, and what it found is read as the JSON lines that the functions wrote.
 */
import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { ChanceryError } from '../../src/errors.ts';

export type LogLine = Readonly<Record<string, unknown>>;

export interface LogQuery {
  readonly environment: string;
  /** A condition of the query language, made of `contains` and `equals`. */
  readonly where: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  readonly limit: number;
  readonly sort: 'newest' | 'slowest';
}

export interface LogsInsightsDeps {
  readonly client: Pick<CloudWatchLogsClient, 'send'>;
  readonly wait: (ms: number) => Promise<void>;
}

const POLL_MS = 500;
/** A minute: the narrower the time, the sooner the answer. */
const MOST_POLLS = 120;

const ORDER = { newest: '@timestamp', slowest: 'duration_seconds' } as const;

/**
 * A caller's text as a literal. Without control characters, which no JSON line has and of which a line feed could
 * begin a comment: nothing of it can leave the quotes.
 */
export const literal = (text: string): string =>
  `"${text.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&')}"`;

/** Lines that contain a text, in any case. */
export const contains = (text: string): string =>
  `strcontains(tolower(@message), ${literal(text.toLowerCase())}) = 1`;

/** Lines whose field has a value, be it a text or a number there. Throws VALIDATION_ERROR when `field` is no name. */
export function equals(field: string, value: string): string {
  if (!/^\w+(\.\w+)*$/.test(field))
    throw new ChanceryError('VALIDATION_ERROR', `${field} is no name of a field`);
  const text = `${field} = ${literal(value)}`;
  return /^-?\d+(\.\d+)?$/.test(value) ? `(${text} or ${field} = ${value})` : text;
}

/** Throws NOT_FOUND when the environment has no logs where the credentials point, STORE_UNAVAILABLE when AWS refuses. */
export function openLogsInsights({ client, wait }: LogsInsightsDeps) {
  /** Of the functions: `lib` names them /chancery/{environment}/{function}. The access log has other fields. */
  async function groupsOf(environment: string): Promise<string[]> {
    const prefix = `/chancery/${environment}/`;
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: prefix, nextToken }));
      for (const { logGroupName } of page.logGroups ?? [])
        if (logGroupName !== undefined && logGroupName !== `${prefix}access`) names.push(logGroupName);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    if (names.length === 0)
      throw new ChanceryError(
        'NOT_FOUND',
        `${environment} is not deployed here: no log group is under ${prefix}`,
      );
    return names;
  }

  async function ask(query: LogQuery): Promise<LogLine[]> {
    const { queryId } = await client.send(
      new StartQueryCommand({
        logGroupNames: await groupsOf(query.environment),
        startTime: Math.floor(query.from / 1_000),
        endTime: Math.ceil(query.until / 1_000),
        queryString: `fields @timestamp, @message | filter ${query.where} | sort ${ORDER[query.sort]} desc | limit ${query.limit}`,
      }),
    );
    for (let poll = 0; poll < MOST_POLLS; poll += 1) {
      const { status, results = [] } = await client.send(new GetQueryResultsCommand({ queryId }));
      if (status === 'Complete') return results.map(lineOf).filter((line) => !('_aws' in line));
      if (status !== 'Scheduled' && status !== 'Running' && status !== 'Unknown')
        throw new ChanceryError('STORE_UNAVAILABLE', `CloudWatch ended the query: ${status}`);
      await wait(POLL_MS);
    }
    throw new ChanceryError(
      'STORE_UNAVAILABLE',
      'the query was not complete within a minute; ask for less time',
    );
  }

  return {
    /** Newest or slowest first. Figures in the embedded metric format, which share the log groups, are left out. */
    async search(query: LogQuery): Promise<LogLine[]> {
      try {
        return await ask(query);
      } catch (cause) {
        throw cause instanceof ChanceryError ? cause : refusalOf(cause);
      }
    },
  };
}

/** What Lambda itself writes (a time-out, a crash) is no JSON: it becomes the message of a line. */
function lineOf(row: readonly { readonly field?: string; readonly value?: string }[]): LogLine {
  const of = (name: string): string => row.find(({ field }) => field === name)?.value ?? '';
  const message = of('@message').trim();
  try {
    const value: unknown = JSON.parse(message);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Not JSON: told below.
  }
  const timestamp = `${of('@timestamp').replace(' ', 'T')}Z`;
  return { timestamp, level: 'info', logger: 'lambda', message };
}

function refusalOf(cause: unknown): ChanceryError {
  const { name, message } = cause instanceof Error ? cause : { name: 'Error', message: String(cause) };
  const detail =
    name === 'CredentialsProviderError'
      ? 'no AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
      : `CloudWatch Logs refused: ${name}: ${message}`;
  return new ChanceryError('STORE_UNAVAILABLE', detail, { cause });
}
