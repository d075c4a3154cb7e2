/** Which families of events a charter can give to governed applications. */

/** Families of the ledger's own types that belong to applications. */
export const APPLICATION_FAMILIES: readonly string[] = ['memory', 'user'];

export const familyOf = (type: string): string => type.slice(0, type.indexOf('.'));

/** Families that some charter could give: the ledger's own for applications, and those of its event types. */
export function givableFamilies(event_types: readonly string[]): ReadonlySet<string> {
  return new Set([...APPLICATION_FAMILIES, ...event_types.map(familyOf)]);
}
