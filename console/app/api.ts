/** The API as the console calls it: the caller's token, answers parsed at the door, refusals as problem documents (RFC 9457). */
import * as z from 'zod/mini';
import { type Ear, listen } from './live.ts';

const problemShape = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  reasons: z._default(
    z.array(
      z.object({
        code: z.string(),
        message: z.string(),
        policy_id: z.optional(z.string()),
        path: z.optional(z.string()),
      }),
    ),
    [],
  ),
  trace_id: z.optional(z.string()),
});

export interface Problem extends z.infer<typeof problemShape> {
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
  get<S extends z.ZodMiniType>(path: string, shape: S): Promise<z.infer<S>>;
  post<S extends z.ZodMiniType>(path: string, body: unknown, shape: S): Promise<z.infer<S>>;
  text(path: string): Promise<string>;
  /** Records of a type or family as they are appended; returns what ends it. */
  listen(type: string, ear: Ear): () => void;
}

/** @param onRefused called when the token is not (any more) taken */
export function openApi(base: URL, token: string, onRefused: () => void): Api {
  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(new URL(path, base), {
      method,
      headers: {
        accept: '*/*',
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw unanswered(cause);
    });
    if (response.ok) return response;
    if (response.status === 401) onRefused();
    throw new ApiError(await problemOf(response));
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
  return {
    get: async (path, shape) => parsed(await call('GET', path), shape),
    post: async (path, body, shape) => parsed(await call('POST', path, body), shape),
    text: async (path) => (await call('GET', path)).text(),
    listen: (type, ear) => listen(new URL(query('live', { type }), base), token, ear),
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

async function problemOf(response: Response): Promise<Problem> {
  const read = problemShape.safeParse(await response.json().catch(() => undefined));
  const { status } = response;
  if (!read.success)
    return { ...NO_PROBLEM, status, detail: `The server answered ${status} without saying why.` };
  const scope = scopeWanted(response.headers.get('www-authenticate'));
  return { ...read.data, status, ...(scope === undefined ? {} : { scope }) };
}

/** RFC 6750 §3: `Bearer error="insufficient_scope", scope="ledger:read"`. */
export function scopeWanted(challenge: string | null): string | undefined {
  if (challenge === null || !/\berror="insufficient_scope"/.test(challenge)) return undefined;
  return /\bscope="([^"]+)"/.exec(challenge)?.[1];
}

/** Path and query: members without a value are left out. */
export function query(path: string, members: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(members).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? path : `${path}?${text}`;
}
