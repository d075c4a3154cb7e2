import { nearest } from '../../basics/nearest.ts';

/** How to mend a scope that the charter does not have. */
export function nearestScope(wrong: string, known: readonly string[]): string {
  const near = nearest(wrong, known);
  return near === undefined
    ? 'Add it to the list of scopes in roles.yaml, or name one that is there.'
    : `Did you mean ${near}?`;
}
