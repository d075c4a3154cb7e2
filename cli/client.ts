/** The CLI's way to the API: a token for the local runtime is minted when none is given. */
import * as z from 'zod';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface ApiClient {
  /** Where it is and what it shows there, for what is no plain request. */
  readonly reached: { readonly url: string; readonly token: string };
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer>;
  text(path: string, headers?: Readonly<Record<string, string>>): Promise<string>;
  /** What is no JSON, as it came. */
  bytes(path: string): Promise<{ readonly status: number; readonly text: string }>;
  /** The same, as bytes. */
  raw(path: string): Promise<{ readonly status: number; readonly body: Uint8Array }>;
}

/** Roles that a local operator's own token carries when CHANCERY_TOKEN gives none. */
const LOCAL_ROLES = ['admin', 'operator'];

/**
 * @param roles of the minted token
 * @param as whom it names, so that a request file that names its actor can be sent as it is
 * Ends the command (usage) when `--env` names an environment.
 */
export async function apiClient(
  world: CliWorld,
  roles: readonly string[] = LOCAL_ROLES,
  as: { readonly name?: string; readonly email?: string } = {},
): Promise<ApiClient> {
  // CHANCERY_URL says where the API is: what was meant for a deployed environment must not act on the one that answers there.
  if (world.environment !== undefined)
    throw new CommandEnd(
      `This command does not find the API of ${world.environment} by --env: leave --env out, and set CHANCERY_URL and CHANCERY_TOKEN to that environment's.`,
      EXIT.usage,
    );
  const token =
    world.token ??
    (await mintLocalToken(
      world.dataFolder,
      { sub: 'local-operator', name: 'Local Operator', ...as, roles, kind: 'human', mfa: true },
      world.clock(),
    ));
  const reach = async (path: string, init: RequestInit): Promise<Response> => {
    try {
      return await fetch(`${world.url}${path}`, { ...init, signal: AbortSignal.timeout(60_000) });
    } catch (cause) {
      throw new CommandEnd(
        `Nothing answers at ${world.url}; start it with \`npm start\`, or set CHANCERY_URL. (${cause instanceof Error ? cause.message : String(cause)})`,
        EXIT.unavailable,
      );
    }
  };
  return {
    reached: { url: world.url, token },
    async call(method, path, body, headers = {}) {
      const response = await reach(path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    async text(path, headers = {}) {
      return (await reach(path, { headers: { authorization: `Bearer ${token}`, ...headers } })).text();
    },
    async bytes(path) {
      const response = await reach(path, { headers: { authorization: `Bearer ${token}` } });
      return { status: response.status, text: await response.text() };
    },
    async raw(path) {
      const response = await reach(path, { headers: { authorization: `Bearer ${token}` } });
      return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
    },
  };
}

/** What is left out is not asked for. */
export function queryOf(wanted: Readonly<Record<string, string | number | undefined>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) query.set(name, String(value));
  return query;
}

/** The body, or an end that says why not. */
export function succeeded({ status, body }: ApiAnswer): unknown {
  if (status < 400) return body;
  const said = problemSchema.safeParse(body);
  const why = said.success ? `${said.data.code}: ${said.data.error}` : `the API answered ${status}`;
  throw new CommandEnd(why, exitOf({ status, body }), said.success ? said.data.code : undefined);
}

const problemSchema = z.looseObject({ code: z.string(), error: z.string() });

/** Refusals that are 503 because they end by themselves: the service was reached, and said no. */
const ANSWERS = new Set(['EMERGENCY_STOP', 'DRAINING']);

/** The exit code for an answer of 400 and above. */
export function exitOf({ status, body }: ApiAnswer): number {
  const said = problemSchema.safeParse(body);
  const answered = said.success && ANSWERS.has(said.data.code);
  return status >= 500 && !answered ? EXIT.unavailable : EXIT.negative;
}
