/** The servers that can be reached from here: those of the charter in force by their endpoints, and programs of this machine by name. */
import type { Charter } from '../../src/charter/charter.ts';
import type { ToolServer, ToolServers } from '../../src/tools/server.ts';
import { httpServer, type Program, programServer } from './client.ts';
import { type CredentialDeps, credentialsOf } from './credentials.ts';

export interface ServersDeps extends CredentialDeps {
  /** The charter in force. */
  readonly charter: () => Charter;
  /** Told when another charter comes into force. */
  readonly onCharter: (heard: () => void) => void;
  /** Whoever may change a charter must not thereby run programs here: these are the operator's. */
  readonly programs: Readonly<Record<string, Program>>;
  readonly version: string;
}

export interface OpenServers extends ToolServers {
  close(): Promise<void>;
}

export function openServers(deps: ServersDeps): OpenServers {
  const open = new Map<string, { readonly reached: string; readonly server: ToolServer }>();
  /** Those that no charter in force lists so any more, while they answer what they were asked. */
  const leaving = new Set<ToolServer>();

  /** How it is reached; undefined where it cannot be. */
  function wayTo(name: string) {
    const listed = deps.charter().documents['gateway.yaml'].servers.find(({ id }) => id === name);
    const program = deps.programs[name];
    if (listed === undefined || (program === undefined && listed.endpoint === undefined)) return undefined;
    const { endpoint = '', credentials, limits } = listed;
    return { endpoint, credentials, limits, program };
  }

  async function letGo(name: string, server: ToolServer): Promise<void> {
    open.delete(name);
    leaving.add(server);
    await server.retire();
    leaving.delete(server);
  }

  deps.onCharter(() => {
    for (const [name, { reached, server }] of open)
      if (JSON.stringify(wayTo(name)) !== reached) void letGo(name, server);
  });

  return {
    get(name) {
      const way = wayTo(name);
      if (way === undefined) return undefined;
      const reached = JSON.stringify(way);
      const known = open.get(name);
      if (known?.reached === reached) return known.server;
      const { endpoint, credentials, limits, program } = way;
      const settings = { version: deps.version, ...limits };
      const server =
        program === undefined
          ? httpServer(endpoint, settings, credentialsOf(credentials, deps), {
              perCaller: credentials.kind === 'token_exchange',
            })
          : programServer(program, settings);
      open.set(name, { reached, server });
      return server;
    },
    async close() {
      const all = [...[...open.values()].map(({ server }) => server), ...leaving];
      await Promise.all(all.map((server) => server.close()));
    },
  };
}
