/** What a view asks the server for, and how far that has come. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, type Problem } from './api.ts';

export interface Loading<T> {
  readonly data?: T;
  readonly problem?: Problem;
  /** Asks again; what was there stays until the answer. */
  readonly reload: () => void;
}

/** Asks when it is first drawn and whenever `key` changes. An answer to an older question is dropped. */
export function useLoad<T>(key: string, ask: () => Promise<T>): Loading<T> {
  const [state, setState] = useState<{ key: string; data?: T; problem?: Problem }>({ key });
  const asked = useRef(0);
  const latest = useRef(ask);
  latest.current = ask;
  const reload = useCallback(() => {
    asked.current += 1;
    const turn = asked.current;
    latest.current().then(
      (data) => turn === asked.current && setState({ key, data }),
      (error: unknown) =>
        turn === asked.current && setState((old) => ({ ...old, key, problem: problemIn(error) })),
    );
  }, [key]);
  useEffect(reload, [reload]);
  return state.key === key ? { ...state, reload } : { reload };
}

/** Calls again and again while the page is seen: at once when it comes back into sight. */
export function useEvery(ms: number, paused: boolean, call: () => void): void {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    if (paused) return;
    const turn = () => {
      if (document.visibilityState === 'visible') latest.current();
    };
    const timer = setInterval(turn, ms);
    document.addEventListener('visibilitychange', turn);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', turn);
    };
  }, [ms, paused]);
}

/** A problem to show; what is none is a fault of this page, and is said as one. */
export function problemIn(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'CONSOLE_FAULT', title: 'This page failed', detail, reasons: [], status: 0 };
}
