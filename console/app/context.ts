/** What every view is given: the API under the caller's token. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './api.ts';

export const ApiContext = createContext<Api | undefined>(undefined);

/** Throws outside of a signed-in page, where no view is drawn. */
export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === undefined) throw new Error('nobody is signed in');
  return api;
}
