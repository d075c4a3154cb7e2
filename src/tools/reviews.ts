/**
 * Which definitions people have looked at. The item is a cache: what it says counts only where the record that it names, signed by a
 * lane of ours, says the same, so that whoever can write to the table reviews nothing.
 */
import { digestJson } from '../basics/digest.ts';
import type { JsonObject } from '../json.ts';
import type { Justifier } from '../ledger/justified.ts';
import type { Ledger, NewRecord, Receipt } from '../ledger/record.ts';
import type { Clock, Table, Value } from '../ports.ts';
import { readDefinition, type ToolDefinition } from './definition.ts';

export interface Reviews {
  /** The definition that was reviewed last; undefined when none was, or what is kept is not what was signed. */
  pinned(tool: string): Promise<ToolDefinition | undefined>;
  /** Records the review, then pins it. */
  pin(tool: string, definition: ToolDefinition, by: Reviewer): Promise<Receipt>;
}

/** Whose record a review is: principal, trace, session. */
export type Reviewer = Pick<NewRecord, 'who' | 'trace' | 'meta' | 'personal'> & {
  /** `person`: somebody looked at it. `first_use`: whoever wrapped the server took it as it was. */
  readonly how: 'person' | 'first_use';
};

export interface ReviewsDeps {
  readonly table: Table;
  readonly ledger: Ledger;
  readonly justifier: Pick<Justifier, 'read'>;
  readonly clock: Clock;
}

export const REVIEWS = 'TOOL_REVIEWS';
/** Milliseconds in which what another process reviewed may be unknown here: until then a tool is denied, never allowed. */
const KEPT_MS = 5_000;

/** The definition that an item keeps; undefined for what is none, since others may write there. */
export function definitionIn(said: Value | undefined): ToolDefinition | undefined {
  if (typeof said !== 'string') return undefined;
  try {
    const parsed = readDefinition(JSON.parse(said));
    return parsed.ok ? parsed.definition : undefined;
  } catch {
    return undefined;
  }
}

export function createReviews({ table, ledger, justifier, clock }: ReviewsDeps): Reviews {
  const known = new Map<string, { readonly definition: ToolDefinition; readonly until: number }>();

  async function read(tool: string): Promise<ToolDefinition | undefined> {
    const item = await table.get(REVIEWS, tool);
    const definition = definitionIn(item?.said);
    if (definition === undefined || typeof item?.record !== 'string') return undefined;
    const justified = await justifier.read(item.record);
    if (justified?.record.type !== 'tool.reviewed') return undefined;
    const { data } = justified.record;
    return data.tool === tool && data.definition_digest === definition.digest ? definition : undefined;
  }

  return {
    async pinned(tool) {
      const before = known.get(tool);
      if (before !== undefined && clock() < before.until) return before.definition;
      const definition = await read(tool);
      if (definition === undefined) known.delete(tool);
      else known.set(tool, { definition, until: clock() + KEPT_MS });
      return definition;
    },

    async pin(tool, definition, { how, ...by }) {
      const data: JsonObject = { tool, definition_digest: digestJson(definition.said), how };
      const receipt = await ledger.append({ ...by, type: 'tool.reviewed', data });
      const said = JSON.stringify(definition.said);
      for (;;) {
        const before = await table.get(REVIEWS, tool);
        const version = Number(before?.version ?? 0);
        const item = { pk: REVIEWS, sk: tool, version: version + 1, said, record: receipt.id };
        if ((await table.put(item, { version })).stored) break;
        // What the record says is shown as soon as it is heard of, also while no item is there.
        if ((await table.put(item, 'absent')).stored) break;
      }
      known.delete(tool);
      return receipt;
    },
  };
}
