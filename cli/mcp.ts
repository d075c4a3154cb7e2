/** `chancery mcp`: the office as an MCP server for programs on this machine. */
import { type Command, InvalidArgumentError } from 'commander';
import { wrap } from '../local/mcp-wrap.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface WrapFlags {
  readonly name?: string;
  readonly as?: string;
  readonly role: readonly string[];
  readonly port?: number;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function registerMcp(program: Command, world: (command: Command) => CliWorld): void {
  const mcp = program.command('mcp');

  mcp
    .command('wrap')
    .description('put one local MCP server under governance: an agent starts this instead of it')
    .argument('<command...>', 'the server and its arguments, after --')
    .option('--name <name>', 'what it is called in charter and records (default: from its command)')
    .option('--as <sub>', 'whose agent it is (default: who is signed in)')
    .option('--role <role>', 'role of that person, may be repeated (default: operator)', collect, [])
    .option('--port <port>', 'of the API, for approvals and missions (default: any free one)', portOf)
    .action(async (command: readonly string[], flags: WrapFlags, self: Command) => {
      const cli = world(self);
      if (cli.environment !== undefined)
        throw new CommandEnd('a local server is wrapped locally: leave --env out', EXIT.usage);
      const [executable, ...args] = command;
      if (executable === undefined) throw new CommandEnd('name the server’s command after --', EXIT.usage);
      const wrapped = await wrap(
        { ...cli.settings, port: flags.port ?? 0 },
        {
          program: { command: executable, args },
          name: flags.name ?? nameOf(command),
          ...(flags.as === undefined ? {} : { person: flags.as }),
          roles: flags.role.length === 0 ? ['operator'] : flags.role,
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

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('give 0 to 65535.');
  return port;
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
