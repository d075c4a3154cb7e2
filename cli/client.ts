/** The CLI's way to the API. */
import * as z from 'zod';
import { openDoor } from '../client/door.ts';
import type { Method, PathFor } from '../client/paths.ts';
import { UnreachableError } from '../client/problem.ts';
import { accessTo } from './access.ts';
import { bodyOf, textOf } from './body.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface ApiClient {
  /** Where it is and what it shows there, for what is no plain request. */
  readonly reached: { readonly url: string; readonly token: string };
  call<M extends Method>(
    method: M,
    path: PathFor<M>,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer>;
  /** Ends the command where it is refused. */
  text(path: PathFor<'GET'>, headers?: Readonly<Record<string, string>>): Promise<string>;
  /** What is no JSON, as it came. */
  bytes(path: PathFor<'GET'>): Promise<{ readonly status: number; readonly text: string }>;
  /** The same, as bytes; ends the command where they are more than `most`. */
  raw(path: PathFor<'GET'>, most?: number): Promise<{ readonly status: number; readonly body: Uint8Array }>;
}

/** Roles that a local operator's own token carries when CHANCERY_TOKEN gives none. */
const LOCAL_ROLES = ['admin', 'operator'];

/**
 * @param roles of the minted token
 * @param as whom it names, so that a request file that names its actor can be sent as it is
 * Ends the command (usage) where there is no way to a token for the place.
 */
export async function apiClient(
  world: CliWorld,
  roles: readonly string[] = LOCAL_ROLES,
  as: { readonly name?: string; readonly email?: string } = {},
): Promise<ApiClient> {
  const { url, token } = await accessTo(world, { ...as, roles });
  // Once: who sits at a terminal tries again, and a script has its own patience.
  const door = openDoor({ url, token, tries: 1 });
  const reach = async (path: string, init: RequestInit = {}): Promise<Response> => {
    try {
      // A token and what is believed are for the address that was named, and no other.
      const response = await door(new Request(`${url}${path}`, { ...init, redirect: 'manual' }));
      if (response.status < 300 || response.status >= 400) return response;
      const to = response.headers.get('location') ?? 'nowhere';
      throw new CommandEnd(
        `${url} answers ${response.status} and leads to ${to}: if that is where you mean, name it.`,
        EXIT.unavailable,
      );
    } catch (cause) {
      if (!(cause instanceof UnreachableError)) throw cause;
      const local = world.place.kind === 'local';
      const absent = local
        ? 'start it with `npm start`, or set CHANCERY_URL'
        : `it is where ${world.environment} should be`;
      const late = 'what was asked may have been done; `chancery health` says whether it is busy';
      throw new CommandEnd(`${cause.message}; ${cause.late ? late : absent}.`, EXIT.unavailable);
    }
  };
  return {
    reached: { url, token },
    async call(method, path, body, headers = {}) {
      const response = await reach(path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await textOf(response, path);
      return { status: response.status, body: jsonOf(text) };
    },
    async text(path, headers = {}) {
      const response = await reach(path, { headers });
      const text = await textOf(response, path);
      if (!response.ok) succeeded({ status: response.status, body: jsonOf(text) });
      return text;
    },
    async bytes(path) {
      const response = await reach(path);
      return { status: response.status, text: await textOf(response, path) };
    },
    async raw(path, most) {
      const response = await reach(path);
      return { status: response.status, body: await bodyOf(response, path, most) };
    },
  };
}

/** Undefined for what is none: a proxy's page says nothing that a command understands. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
  const exit = exitOf({ status, body });
  if (!said.success) throw new CommandEnd(`the API answered ${status}`, exit);
  const { code, error, ...details } = said.data;
  throw new CommandEnd(`${code}: ${error}`, exit, code, { ...details, status });
}

/** What of a problem document is shown. */
const problemSchema = z.object({
  code: z.string(),
  error: z.string(),
  type: z.string().optional(),
  reasons: z
    .array(z.object({ code: z.string(), message: z.string(), path: z.string().optional() }))
    .optional(),
  trace_id: z.string().optional(),
  decision_id: z.string().optional(),
});

/** Refusals that are 503 because they end by themselves: the service was reached, and said no. */
const ANSWERS = new Set(['EMERGENCY_STOP', 'DRAINING']);

/** The exit code for an answer of 400 and above. */
export function exitOf({ status, body }: ApiAnswer): number {
  const said = problemSchema.safeParse(body);
  const answered = said.success && ANSWERS.has(said.data.code);
  return status >= 500 && !answered ? EXIT.unavailable : EXIT.negative;
}
