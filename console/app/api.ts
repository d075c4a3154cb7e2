/** The API as the console calls it: the caller's token, answers parsed at the door, refusals as problem documents (RFC 9457). */
import type * as z from 'zod/mini';
import { openDoor } from '../../client/door.ts';
import { DISCOVERY_PATH, feedAddress } from '../../client/feed.ts';
import type { Method, PathFor } from '../../client/paths.ts';
import { type ProblemError, problemError, type ReadProblem } from '../../client/problem.ts';
import { type Ear, listen } from './live.ts';

export interface Problem extends Pick<ReadProblem, 'code' | 'title' | 'detail' | 'reasons' | 'trace_id'> {
  /** 0 where nothing answered. */
  readonly status: number;
  /** What the token lacks, with a 403 for that reason. */
  readonly scope?: string;
}

/** What was refused, or could not be had. */
export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export interface Api {
  /** Throws ApiError. */
  get<S extends z.ZodMiniType>(path: PathFor<'GET'>, shape: S): Promise<z.infer<S>>;
  post<S extends z.ZodMiniType>(path: PathFor<'POST'>, body: unknown, shape: S): Promise<z.infer<S>>;
  text(path: PathFor<'GET'>): Promise<string>;
  /** Records of a type or family as they are appended; returns what ends it. */
  listen(type: string, ear: Ear): () => void;
}

/** @param onRefused called when the token is not (any more) taken */
export function openApi(base: URL, token: string, onRefused: () => void): Api {
  // Once: what shows an answer asks again by itself.
  const door = openDoor({ url: base.href, token, tries: 1 });

  async function call<M extends Method>(method: M, path: PathFor<M>, body?: unknown): Promise<Response> {
    const request = new Request(new URL(`.${path}`, base), {
      method,
      headers: { accept: '*/*', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await door(request).catch((cause: unknown) => {
      throw unanswered(cause);
    });
    if (response.ok) return response;
    if (response.status === 401) onRefused();
    throw refused(problemError(response, await response.text()));
  }
  const parsed = async <S extends z.ZodMiniType>(response: Response, shape: S): Promise<z.infer<S>> => {
    const read = shape.safeParse(await response.json().catch(() => undefined));
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw new ApiError({
      ...NO_PROBLEM,
      status: response.status,
      detail: `The answer is not what this page expects, at /${issue?.path.map(String).join('/') ?? ''}: ${issue?.message ?? ''}`,
    });
  };
  /** Of a type or family. An older server names none, and has it beside itself. */
  async function feed(type: string): Promise<URL> {
    const answer = await door(new Request(new URL(`.${DISCOVERY_PATH}`, base)));
    const url = feedAddress(base.href, answer.ok ? await answer.json() : undefined);
    url.searchParams.set('type', type);
    return url;
  }
  return {
    get: async (path, shape) => parsed(await call('GET', path), shape),
    post: async (path, body, shape) => parsed(await call('POST', path, body), shape),
    text: async (path) => (await call('GET', path)).text(),
    listen: (type, ear) => listen(() => feed(type), token, ear),
  };
}

const NO_PROBLEM: Problem = { code: 'UNREADABLE', title: 'Not readable', detail: '', reasons: [], status: 0 };

function unanswered(cause: unknown): ApiError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ApiError({
    ...NO_PROBLEM,
    code: 'UNREACHABLE',
    title: 'The server does not answer',
    detail: `The server does not answer (${why}). It is asked again.`,
  });
}

const refused = ({ status, problem, scope }: ProblemError): ApiError =>
  new ApiError({ ...problem, status, ...(scope === undefined ? {} : { scope }) });

/** Path and query: members without a value are left out. */
export function query<P extends string>(
  path: P,
  members: Readonly<Record<string, string | number | undefined>>,
): P | `${P}?${string}` {
  const given = Object.entries(members).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? path : `${path}?${text}`;
}
