/** Which view is open: `#/approvals/apr_01…` is a view's name and what is chosen in it, so that every page has an address. */
import { useEffect, useState } from 'preact/hooks';

export interface Route {
  readonly view: string;
  readonly chosen?: string;
}

export function routeOf(hash: string): Route {
  const [, view = '', ...rest] = hash.replace(/^#/, '').split('/');
  const chosen = decoded(rest.join('/'));
  return { view, ...(chosen ? { chosen } : {}) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const href = (view: string, chosen?: string): string =>
  chosen === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(chosen)}`;

export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const change = () => setRoute(routeOf(location.hash));
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return route;
}
