/** What a charter knows by name: the entities that its policies speak of, and what may be done to things of a type. */
import type { Charter } from './charter.ts';

/** Of a resource type as requests name it, or of principals; without doubles, in order. */
export function namedIn(charter: Charter, type: string): string[] {
  const found = new Set<string>();
  const { prefix } = charter.schema;
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { type: full, id } = value as { readonly type?: unknown; readonly id?: unknown };
    if (
      typeof full === 'string' &&
      typeof id === 'string' &&
      full.slice(prefix.length).toLowerCase() === type
    )
      found.add(id);
    for (const inner of Object.values(value)) walk(inner);
  };
  for (const { json } of charter.policies) walk(json);
  const { tools, servers, agents } = charter.documents['gateway.yaml'];
  const listed = { tool: tools, server: servers, agent: agents }[type] ?? [];
  for (const { id } of listed) found.add(id);
  return [...found].sort();
}

/** Actions that the schema allows to be asked of a resource type, in order. */
export function actionsOn({ schema }: Charter, type: string): string[] {
  const isAsked = (full: string): boolean => full.slice(schema.prefix.length).toLowerCase() === type;
  return [...schema.actions.values()]
    .filter(({ resourceTypes }) => resourceTypes.some(isAsked))
    .map(({ id }) => id)
    .sort();
}
