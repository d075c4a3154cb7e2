/**
 * Who listens where a gateway holds the connections: one item for each, kept between the invocations that take it in, tell
 * it and see it off. It names nobody but by the pseudonym and holds no token. Whoever changes one does it by its version,
 * so of two that would end a connection one does.
 */
import * as z from 'zod';
import { parseJson } from '../../../ledger/bytes.ts';
import type { Clock, Item, Table } from '../../../ports.ts';
import { ENDINGS } from '../connection.ts';
import { SAID_MS } from '../messages.ts';

const sent = z.object({
  records: z.number(),
  bytes: z.number(),
  first: z.string().exactOptional(),
  last: z.string().exactOptional(),
});

const schema = z.object({
  connection_id: z.string(),
  pseudonym: z.string(),
  trace: z.string(),
  meta: z.record(z.string(), z.string()),
  /** `{lane}.{seq}` of its `ws.connect`: nobody is told anything without. */
  record: z.string().exactOptional(),
  roles: z.array(z.string()),
  /** Its roles hold the scope: when they do not any more, it ends. */
  by_roles: z.boolean(),
  wanted: z.object({ types: z.array(z.string()), subject: z.string().exactOptional() }),
  /** Behind the last record that it was sent, or that it does not want. */
  cursor: z.string(),
  /** Milliseconds since the epoch, as all times here. */
  since: z.number(),
  expires_at: z.number(),
  greeted: z.boolean(),
  /** The last message. */
  spoken: z.number(),
  /** Messages in all. */
  messages: z.number(),
  /** Not on record yet, and since when. */
  sent,
  summed: z.number(),
  /** The gateway does not know it, since then: not yet, or not any more. */
  gone: z.number().exactOptional(),
  /** Whoever put this sees it off. */
  ending: z.enum(ENDINGS).exactOptional(),
  ended: z.number().exactOptional(),
});

export type KeptConnection = z.infer<typeof schema>;

export interface Listed {
  /** How the gateway calls it. */
  readonly gateway: string;
  readonly version: number;
  readonly kept: KeptConnection;
}

const CONNECTIONS = 'LISTENERS';
const SAID = 'LISTENERS#SAID';
/** API Gateway ends every connection after two hours; what is left of one is forgotten a while later. */
const FORGOTTEN_MS = 3 * 3_600_000;

export interface Roster {
  /** Whether anybody is listed. */
  any(): Promise<boolean>;
  all(): Promise<readonly Listed[]>;
  get(gateway: string): Promise<Listed | undefined>;
  /** Undefined where the gateway's name is taken. */
  add(gateway: string, kept: KeptConnection): Promise<Listed | undefined>;
  /** As it is then; undefined where somebody else changed or removed it. */
  replace(listed: Listed, kept: KeptConnection): Promise<Listed | undefined>;
  remove(gateway: string): Promise<void>;
  /** Counts a message of its client: how many it said in these ten seconds. */
  said(gateway: string): Promise<number>;
  /** How many it said in all. */
  heard(gateway: string): Promise<number>;
}

export function openRoster({ table, clock }: { readonly table: Table; readonly clock: Clock }): Roster {
  const expires = (): number => Math.ceil((clock() + FORGOTTEN_MS) / 1_000);
  const itemOf = ({ gateway, version, kept }: Listed): Item => ({
    pk: CONNECTIONS,
    sk: gateway,
    version,
    kept: JSON.stringify(kept),
    expires: expires(),
  });

  async function put(listed: Listed, condition: 'absent' | { version: number }): Promise<Listed | undefined> {
    return (await table.put(itemOf(listed), condition)).stored ? listed : undefined;
  }

  return {
    any: async () => (await table.query(CONNECTIONS, { limit: 1 })).items.length > 0,
    async all() {
      const found: Listed[] = [];
      let after: string | undefined;
      do {
        const page = await table.query(CONNECTIONS, after === undefined ? {} : { after });
        found.push(...page.items.flatMap((item) => listedOf(item) ?? []));
        after = page.next;
      } while (after !== undefined);
      return found;
    },
    async get(gateway) {
      const item = await table.get(CONNECTIONS, gateway);
      return item && listedOf(item);
    },
    add: (gateway, kept) => put({ gateway, version: 1, kept }, 'absent'),
    replace: ({ gateway, version }, kept) => put({ gateway, version: version + 1, kept }, { version }),
    async remove(gateway) {
      await table.remove(CONNECTIONS, gateway);
      await table.remove(SAID, gateway);
    },
    async said(gateway) {
      const slots = [
        { name: 'lately', window: Math.floor(clock() / SAID_MS), by: 1 },
        { name: 'all', window: 0, by: 1 },
      ];
      const item = await table.add(SAID, gateway, slots);
      return Number(item.lately);
    },
    async heard(gateway) {
      return Number((await table.get(SAID, gateway))?.all ?? 0);
    },
  };
}

/** Undefined for what is none of ours: nobody is told anything by it. */
function listedOf({ sk, version, kept }: Item): Listed | undefined {
  if (typeof version !== 'number' || typeof kept !== 'string') return undefined;
  const parsed = schema.safeParse(parseJson(Buffer.from(kept)));
  return parsed.success ? { gateway: sk, version, kept: parsed.data } : undefined;
}
