/** `chancery`: one binary, one file per family of commands. */
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import type { LocalSettings } from '../local/settings.ts';
import { SettingsError } from '../local/settings-error.ts';
import { versionOf } from '../local/version.ts';
import { registerCommands } from './commands.ts';
import { visible } from './visible.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** Runs one command line; resolves to the process's exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('chancery')
    .description('Governs what agents, services and people may run, and proves it.')
    .addOption(new Option('--json', 'print machine-readable JSON'))
    .addOption(
      new Option('--env <name>', 'a deployed environment (dev, staging, prod) instead of the local runtime'),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 yes, 1 no (denied, breached, not verified), 2 wrong command line, 3 not reachable, 4 late, 5 not of this ledger (receipts).',
    )
    .showHelpAfterError()
    .exitOverride();
  // Only where it stands alone: to `dora record`, `--version` is what was deployed.
  if (argv.length === 1) program.version(versionOf(PROJECT), '-V, --version', 'print the version');

  const json = argv.includes('--json');
  // Inherited by the commands, so before they are made; what a script reads is said once, below.
  if (json) program.configureOutput({ writeErr: () => {} });

  // A reader that has seen enough (`| head`) closes the pipe: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });

  try {
    await registerCommands(program, argv, loadWorld);
    const stray = strayWord(program, argv);
    if (stray !== undefined) program.error(`error: unknown command '${stray}'`);
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      if (json) process.stderr.write(`${JSON.stringify(usageProblem(error))}\n`);
      return EXIT.usage;
    }
    const exit =
      error instanceof CommandEnd
        ? error.exit
        : error instanceof SettingsError
          ? EXIT.usage
          : EXIT.unavailable;
    const message = error instanceof Error ? error.message : String(error);
    // Some commands have said all that there is to say.
    if (message !== '') {
      process.stderr.write(
        `${json ? JSON.stringify({ error: message, ...codeOf(error), exit }) : visible(message)}\n`,
      );
    }
    return exit;
  }
}

const codeOf = (error: unknown): { readonly code?: string } =>
  error instanceof CommandEnd && error.code !== undefined ? { code: error.code } : {};

const usageProblem = ({ message }: CommanderError) => ({
  error: message.replace(/^error: /, ''),
  code: 'USAGE',
  exit: EXIT.usage,
});

/** Help for a word that nobody knows is no help: commander would print that of the words before it, and exit 0. */
function strayWord(program: Command, argv: readonly string[]): string | undefined {
  if (!argv.some((argument) => argument === '--help' || argument === '-h')) return undefined;
  let command = program;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word.startsWith('-')) {
      const option = [...command.options, ...program.options].find(
        ({ short, long }) => word === short || word === long,
      );
      if (option?.required === true) at += 1;
      continue;
    }
    if (command.commands.length === 0 || word === 'help') return undefined;
    const inner = command.commands.find((known) => known.name() === word || known.aliases().includes(word));
    if (inner === undefined) return word;
    command = inner;
  }
  return undefined;
}

/** Only what runs has settings to read: their schemas take longer to load than a version to print. */
async function loadWorld(): Promise<(command: Command) => CliWorld> {
  const { readSettings } = await import('../local/settings.ts');
  return (command) => worldOf(command, readSettings(process.env, PROJECT));
}

function worldOf(command: Command, settings: LocalSettings): CliWorld {
  const options = command.optsWithGlobals<{ json?: boolean; env?: string }>();
  return {
    settings,
    dataFolder: settings.dataFolder,
    url: settings.url,
    ...(options.env === undefined ? {} : { environment: options.env }),
    ...(settings.token === undefined ? {} : { token: settings.token }),
    json: options.json === true,
    colour: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    asks: process.stdin.isTTY === true && process.stderr.isTTY === true,
    clock: Date.now,
    out: (line) => void process.stdout.write(`${visible(line)}\n`),
    err: (line) => void process.stderr.write(`${visible(line)}\n`),
  };
}
