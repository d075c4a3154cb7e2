/**
 * What stands on the shelf: the tools that servers offer now, beside what was reviewed of them. A definition that was not reviewed, or
 * that changed since, is found here, recorded once, and denied until somebody looked at it.
 */
import { sha256 } from '../basics/digest.ts';
import type { Charter } from '../charter/charter.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Ledger } from '../ledger/record.ts';
import type { Clock, Log, Table } from '../ports.ts';
import { readDefinition, type ToolDefinition, toolId } from './definition.ts';
import type { Reviews } from './reviews.ts';
import { ServerFault, type ToolServer, type ToolServers } from './server.ts';

export type Shelved =
  | { readonly kind: 'reviewed'; readonly server: ToolServer; readonly definition: ToolDefinition }
  /** Its server offers it; nobody has looked at it as it is now. */
  | { readonly kind: 'unreviewed'; readonly definition: ToolDefinition; readonly changed: boolean }
  /** The charter does not list it, so nobody asks its server. */
  | { readonly kind: 'unlisted' }
  /** Listed, and not offered: the server has no such tool, or is not known here. */
  | { readonly kind: 'absent' }
  /** Its server cannot be asked what it offers. */
  | { readonly kind: 'unreachable'; readonly fault: ServerFault };

export interface Offered {
  readonly id: string;
  readonly server: string;
  readonly definition: ToolDefinition;
  readonly listed: boolean;
  readonly reviewed: boolean;
}

export interface Shelf {
  /** @param caller the token of who asks, for a server that shows itself to each of them (`Forwarding`) */
  find(charter: Charter, tool: string, caller?: string): Promise<Shelved>;
  /** Everything that a server offers now, in the order of names. Throws ServerFault. */
  offered(charter: Charter, server: string, caller?: string): Promise<readonly Offered[]>;
  /** Names of the servers that can be reached from here and that the charter lists, in its order. */
  servers(charter: Charter): readonly string[];
  server(name: string): ToolServer | undefined;
}

export interface ShelfDeps {
  readonly servers: ToolServers;
  readonly reviews: Reviews;
  readonly ledger: Ledger;
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long a server's list is believed: a definition that changes is found within this, and at once where the server says so. */
const LIST_MS = 30_000;
const MOST_TOOLS = 500;
const MOST_PAGES = 20;
/** That are kept of one server: one, or one a caller. */
const MOST_LISTS = 500;
/** Records that no request caused. */
const NO_TRACE = '0'.repeat(32);

type Tools = ReadonlyMap<string, ToolDefinition>;

/** What a server listed, by whom it was asked for where it shows itself to each caller. */
interface Lists {
  readonly held: Map<string, { readonly tools: Tools; readonly until: number }>;
  readonly asking: Map<string, Promise<Tools>>;
}
const noLists = (): Lists => ({ held: new Map(), asking: new Map() });

export function createShelf({ servers, reviews, ledger, table, clock, log }: ShelfDeps): Shelf {
  /** By server, not by name: a charter can give a name to another server, and what that one lists was not asked yet. */
  const known = new WeakMap<ToolServer, Lists>();

  function listsOf(server: ToolServer): Lists {
    const before = known.get(server);
    if (before !== undefined) return before;
    const lists = noLists();
    known.set(server, lists);
    // What was asked for before it changed comes into lists that nobody looks at.
    server.onChanged?.(() => known.set(server, noLists()));
    return lists;
  }

  async function ask(name: string, server: ToolServer, caller: string | undefined): Promise<Tools> {
    const tools = new Map<string, ToolDefinition>();
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const params = cursor === undefined ? {} : { cursor };
      const answer = await server.request('tools/list', params, caller === undefined ? {} : { caller });
      for (const entry of listOf(answer, 'tools')) {
        const read = readDefinition(entry);
        if (!read.ok) {
          log.write('warn', 'tools', 'a tool is left out: its definition cannot be read', {
            server: name,
            tool: read.name,
            why: read.why,
          });
          continue;
        }
        // Of two of one name, neither: nobody could say which one answers.
        if (tools.has(read.definition.name)) throw new ServerFault('malformed', 'it lists one name twice');
        tools.set(read.definition.name, read.definition);
        if (tools.size > MOST_TOOLS)
          throw new ServerFault('too_large', `it lists more than ${MOST_TOOLS} tools`);
      }
      cursor = typeof answer.nextCursor === 'string' ? answer.nextCursor : undefined;
      if (cursor === undefined) return tools;
    }
    throw new ServerFault('too_large', `its list has more than ${MOST_PAGES} pages`);
  }

  async function list(name: string, server: ToolServer, caller: string | undefined): Promise<Tools> {
    const { held, asking } = listsOf(server);
    // By digest, so that no usable token lies in memory for longer than its request.
    const key = server.perCaller === true ? sha256(caller ?? '') : '';
    const before = held.get(key);
    if (before !== undefined && clock() < before.until) return before.tools;
    const running = asking.get(key);
    if (running !== undefined) return running;
    const asked = ask(name, server, caller).finally(() => asking.delete(key));
    asking.set(key, asked);
    const tools = await asked;
    const [oldest] = held.keys();
    if (held.size >= MOST_LISTS && oldest !== undefined) held.delete(oldest);
    held.set(key, { tools, until: clock() + LIST_MS });
    return tools;
  }

  /** Recorded once for each definition, whoever meets it. */
  async function tell(
    tool: string,
    { digest }: ToolDefinition,
    pinned: ToolDefinition | undefined,
  ): Promise<void> {
    const item = { pk: 'TOOL_UNREVIEWED', sk: `${tool}#${digest}`, at: clock() };
    if (!(await table.put(item, 'absent')).stored) return;
    await ledger.append({
      type: 'tool.unreviewed',
      trace: NO_TRACE,
      data: {
        tool,
        definition_digest: digest,
        ...(pinned === undefined ? {} : { reviewed_digest: pinned.digest }),
        change: pinned === undefined ? 'new' : 'changed',
      },
    });
  }

  return {
    server: (name) => servers.get(name),
    servers: (charter) =>
      charter.documents['gateway.yaml'].servers
        .map(({ id }) => id)
        .filter((name) => servers.get(name) !== undefined),

    async offered(charter, name, caller) {
      const server = servers.get(name);
      if (server === undefined) return [];
      const tools = await list(name, server, caller);
      // Of this server: `a.b` with a tool `c` and `a` with a tool `b.c` have one name between them.
      const listed = new Set(
        charter.documents['gateway.yaml'].tools.filter((tool) => tool.server === name).map(({ id }) => id),
      );
      const offered: Offered[] = [];
      for (const definition of [...tools.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const id = toolId(name, definition.name);
        const pinned = listed.has(id) ? await reviews.pinned(id) : undefined;
        const reviewed = pinned?.digest === definition.digest;
        if (listed.has(id) && !reviewed) await tell(id, definition, pinned);
        offered.push({ id, server: name, definition, listed: listed.has(id), reviewed });
      }
      return offered;
    },

    async find(charter, tool, caller) {
      const known = charter.documents['gateway.yaml'].tools.find(({ id }) => id === tool);
      if (known === undefined) return { kind: 'unlisted' };
      const server = servers.get(known.server);
      if (server === undefined || !tool.startsWith(`${known.server}.`)) return { kind: 'absent' };
      const name = tool.slice(known.server.length + 1);
      let definition: ToolDefinition | undefined;
      try {
        definition = (await list(known.server, server, caller)).get(name);
      } catch (error) {
        if (error instanceof ServerFault) return { kind: 'unreachable', fault: error };
        throw error;
      }
      if (definition === undefined) return { kind: 'absent' };
      const pinned = await reviews.pinned(tool);
      if (pinned?.digest === definition.digest) return { kind: 'reviewed', server, definition };
      await tell(tool, definition, pinned);
      return { kind: 'unreviewed', definition, changed: pinned !== undefined };
    },
  };
}

/** Throws ServerFault when there is no list where the protocol has one. */
export function listOf(answer: JsonObject, member: string): readonly Json[] {
  const list = answer[member];
  if (!Array.isArray(list)) throw new ServerFault('malformed', `its answer has no list of ${member}`);
  return list;
}
