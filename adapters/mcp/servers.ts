/** The servers that can be reached from here: those of the charter in force by their endpoints, and programs of this machine by name. */
import type { Charter } from '../../src/charter/charter.ts';
import type { ToolServer, ToolServers } from '../../src/tools/server.ts';
import { httpServer, type Program, programServer } from './client.ts';
import { type CredentialDeps, credentialsOf } from './credentials.ts';

export interface ServersDeps extends CredentialDeps {
  /** The charter in force. */
  readonly charter: () => Charter;
  /** Whoever may change a charter must not thereby run programs here: these are the operator's. */
  readonly programs: Readonly<Record<string, Program>>;
  readonly version: string;
}

export interface OpenServers extends ToolServers {
  close(): Promise<void>;
}

export function openServers(deps: ServersDeps): OpenServers {
  const open = new Map<string, { readonly described: string; readonly server: ToolServer }>();
  return {
    get(name) {
      const listed = deps.charter().documents['gateway.yaml'].servers.find(({ id }) => id === name);
      const program = deps.programs[name];
      if (listed === undefined || (program === undefined && listed.endpoint === undefined)) return undefined;
      const described = JSON.stringify([listed, program]);
      const known = open.get(name);
      if (known?.described === described) return known.server;
      void known?.server.close();
      const { endpoint = '', credentials, limits } = listed;
      const settings = { version: deps.version, ...limits };
      const server =
        program === undefined
          ? httpServer(endpoint, settings, credentialsOf(credentials, deps), {
              perCaller: credentials.kind === 'token_exchange',
            })
          : programServer(program, settings);
      open.set(name, { described, server });
      return server;
    },
    async close() {
      await Promise.all([...open.values()].map(({ server }) => server.close()));
    },
  };
}
