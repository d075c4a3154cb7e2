/** `chancery mcp`: the office as an MCP server for programs on this machine. */
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Command } from 'commander';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { bridge } from '../adapters/mcp/bridge.ts';
import { AGENT, personHere } from '../local/mcp-agent.ts';
import { accessTo } from './access.ts';
import { countFrom } from './number.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface Whose {
  readonly as?: string;
  readonly role: readonly string[];
}
interface WrapFlags extends Whose {
  readonly name?: string;
  readonly port?: number;
}
interface BridgeFlags extends Whose {
  readonly server?: string;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function registerMcp(program: Command, world: (command: Command) => CliWorld): void {
  const mcp = whose(program.command('mcp'))
    .description('the tools of the office that runs at CHANCERY_URL, over standard input and output')
    .option('--server <name>', 'only those of one server, under their own names')
    .action(async (flags: BridgeFlags, self: Command) => {
      const cli = world(self);
      const path = flags.server === undefined ? '/mcp' : `/mcp/${encodeURIComponent(flags.server)}`;
      const { url, token } = await access(cli, flags);
      await bridge({
        near: new StdioServerTransport(),
        endpoint: new URL(`${url}${path}`),
        token,
        fetch,
        trouble: cli.err,
      });
    });

  whose(mcp.command('wrap'))
    .description('put one local MCP server under governance: an agent starts this instead of it')
    .argument('<command...>', 'the server and its arguments, after --')
    .option('--name <name>', 'what it is called in charter and records (default: from its command)')
    .option(
      '--port <port>',
      'of the API, for approvals and missions (default: any free one)',
      countFrom(0, 65_535),
    )
    .action(async (command: readonly string[], flags: WrapFlags, self: Command) => {
      const cli = world(self);
      const [executable, ...args] = command;
      if (executable === undefined) throw new CommandEnd('name the server’s command after --', EXIT.usage);
      const { wrap } = await import('../local/mcp-wrap.ts');
      const wrapped = await wrap(
        { ...cli.settings, port: flags.port ?? 0 },
        {
          program: { command: executable, args },
          name: flags.name ?? nameOf(command),
          ...(flags.as === undefined ? {} : { person: flags.as }),
          roles: rolesOf(flags),
          say: cli.err,
        },
      );
      await new Promise<void>((resolve) => {
        process.stdin.once('close', resolve);
        process.stdin.once('end', resolve);
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      await wrapped.close();
    });
}

const whose = (command: Command): Command =>
  command
    .option('--as <sub>', 'whose agent it is (default: who is signed in)')
    .option('--role <role>', 'role of that person, may be repeated (default: operator)', collect, []);

const rolesOf = ({ role }: Whose): readonly string[] => (role.length === 0 ? ['operator'] : role);

/** A local token is made anew in time: a client stays for days. */
const TOKEN_SECONDS = 3_600;
/** A context is asked again after this: its tokens end when its provider says. */
const ASK_EVERY_MS = 60_000;

interface McpAccess {
  readonly url: string;
  readonly token: () => Promise<string>;
}

/** Of the place that was named; or the token that was given, or the development issuer's for the person here. */
async function access(cli: CliWorld, flags: Whose): Promise<McpAccess> {
  if (cli.place.kind === 'local') return { url: cli.url, token: tokens(cli, flags) };
  if (flags.as !== undefined || flags.role.length > 0)
    throw new CommandEnd(
      `the token of ${cli.environment} says who it is: leave --as and --role out`,
      EXIT.usage,
    );
  let last = { ...(await accessTo(cli, { roles: rolesOf(flags) })), at: cli.clock() };
  return {
    url: last.url,
    async token() {
      if (cli.clock() - last.at > ASK_EVERY_MS)
        last = { ...(await accessTo(cli, { roles: rolesOf(flags) })), at: cli.clock() };
      return last.token;
    },
  };
}

/** The token that was given, or one of the development issuer for the person at this machine and their agent. */
function tokens(cli: CliWorld, flags: Whose): () => Promise<string> {
  const { token } = cli;
  if (token !== undefined) {
    if (flags.as !== undefined || flags.role.length > 0)
      throw new CommandEnd('CHANCERY_TOKEN says who it is: leave --as and --role out', EXIT.usage);
    return async () => token;
  }
  let kept: { readonly token: string; readonly until: number } | undefined;
  return async () => {
    const now = cli.clock();
    if (kept !== undefined && now < kept.until) return kept.token;
    const sub = flags.as ?? personHere();
    const claims = { sub, name: sub, act: [AGENT], roles: rolesOf(flags), ttlSeconds: TOKEN_SECONDS };
    kept = { token: await mintLocalToken(cli.dataFolder, claims, now), until: now + TOKEN_SECONDS * 500 };
    return kept.token;
  };
}

const RUNNERS: ReadonlySet<string> = new Set([
  'npx',
  'node',
  'uvx',
  'uv',
  'python',
  'python3',
  'docker',
  'run',
  'exec',
  '-y',
]);

/** `npx -y @modelcontextprotocol/server-filesystem DIR` → filesystem. */
export function nameOf(command: readonly string[]): string {
  const named = command
    .map((word) => word.split(/[\\/]/).at(-1) ?? '')
    .map((word) => word.replace(/@[^@]*$/, '').replace(/\.[cm]?[jt]s$/, ''))
    .filter((word, index) => word !== '' && !word.startsWith('-') && !RUNNERS.has(command[index] ?? ''));
  const [first = 'server'] = named;
  const plain = first.replace(/^(?:mcp-)?server-/, '').replace(/-(?:mcp|server|mcp-server)$/, '');
  return plain.replaceAll(/[^A-Za-z0-9_-]/g, '-').toLowerCase() || 'server';
}
