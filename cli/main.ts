/** `chancery`: one binary, one file per family of commands. */
import { fileURLToPath } from 'node:url';
import { type Command, CommanderError } from 'commander';
import type { LocalSettings } from '../local/settings.ts';
import { SettingsError } from '../local/settings-error.ts';
import { versionOf } from '../local/version.ts';
import { isOfThisMachine, registerCommands } from './commands.ts';
import { exitOfError, problemLines, usageProblem } from './failure.ts';
import { isListing } from './listing.ts';
import { bareProgram } from './program.ts';
import { takesColour, widthOf } from './terminal.ts';
import { visible } from './visible.ts';
import { type CliWorld, CommandEnd, EXIT, type Format } from './world.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** Runs one command line; resolves to the process's exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // Only where it stands alone: to `dora record`, `--version` is what was deployed.
  const version = argv.length === 1 ? versionOf(PROJECT) : undefined;
  const program = bareProgram(version).showHelpAfterError().exitOverride();

  const json = wantsJson(argv);
  // Inherited by the commands, so before they are made; what a script reads is said once, below.
  if (json) program.configureOutput({ writeErr: () => {} });

  // A reader that has seen enough (`| head`) closes the pipe: that is no failure.
  if (!process.stdout.listeners('error').includes(onClosedPipe)) process.stdout.on('error', onClosedPipe);
  // Nobody reads what went wrong: the exit code still says that it did.
  if (!process.stderr.listeners('error').includes(unread)) process.stderr.on('error', unread);

  try {
    await registerCommands(program, argv, loadWorld);
    const stray = strayWord(program, argv);
    if (stray !== undefined) program.error(`error: unknown command '${stray}'`);
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      const way = error.code === 'commander.unknownOption' ? otherWay(error.message) : undefined;
      if (json) process.stderr.write(`${JSON.stringify(usageProblem(error.message, way))}\n`);
      else if (way !== undefined) process.stderr.write(`\n${way}\n`);
      return EXIT.usage;
    }
    const exit = error instanceof SettingsError ? EXIT.usage : exitOfError(error);
    const colour = takesColour(process.stderr, process.env);
    for (const line of problemLines(error, exit, { json, colour })) process.stderr.write(`${line}\n`);
    return exit;
  }
}

/** Not every command can look where an auditor can: which way there is to what this one tells. */
function otherWay(message: string): string | undefined {
  const option = /'--(folder|url)\b/.exec(message)?.[1];
  if (option === 'folder')
    return 'This command asks a running system: CHANCERY_URL says where it is, CHANCERY_TOKEN who asks. In a folder or an export `chancery ledger verify|tail|show|proof|audit-receipt|checkpoint|export` and `chancery report quarterly` look; in a data folder `chancery metrics verify FOLDER` as well.';
  if (option === 'url')
    return 'For this command CHANCERY_URL says where the running system is, or --env a context; CHANCERY_TOKEN says who asks.';
  return undefined;
}

function onClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
}

function unread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Before anything is parsed: a wrong command line is answered in the form that it asks for. */
const wantsJson = (argv: readonly string[]): boolean =>
  argv.some(
    (word, at) =>
      word === '--json' ||
      /^(?:-o|--output=)(?:json|yaml)$/.test(word) ||
      (/^(?:-o|--output)$/.test(word) && /^(?:json|yaml)$/.test(argv[at + 1] ?? '')),
  );

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
  const places = await import('./place.ts');
  const { readContexts } = await import('./contexts.ts');
  const { yamlOf } = await import('./yaml.ts');
  return (command) => {
    const settings = readSettings(process.env, PROJECT);
    const options = command.optsWithGlobals<GlobalOptions>();
    const name = places.nameOf(options);
    const place = isOfThisMachine(command)
      ? places.localPlace(name, command.name())
      : places.placeOf(name, settings, () => readContexts(settings.contextsFile));
    return worldOf(command, settings, { place, named: name !== undefined, yamlOf });
  };
}

interface GlobalOptions {
  readonly json?: boolean;
  readonly output?: Format;
  readonly env?: string;
  readonly context?: string;
}

function formatOf(command: Command, { json, output }: GlobalOptions): Format {
  if (json === true && output !== undefined && output !== 'json')
    throw new CommandEnd(`--json and -o ${output}: give one.`, EXIT.usage);
  if (output === 'name' && !isListing(command))
    throw new CommandEnd('-o name is for lists: this command prints none.', EXIT.usage);
  return json === true ? 'json' : (output ?? 'table');
}

function worldOf(
  command: Command,
  settings: LocalSettings,
  {
    place,
    named,
    yamlOf,
  }: Pick<CliWorld, 'place' | 'named'> & { readonly yamlOf: (value: unknown) => string },
): CliWorld {
  const format = formatOf(command, command.optsWithGlobals<GlobalOptions>());
  const write = (text: string) => void process.stdout.write(`${text}\n`);
  const width = widthOf(process.stdout);
  return {
    settings,
    dataFolder: settings.dataFolder,
    place,
    named,
    url: place.kind === 'context' ? place.context.url : settings.url,
    ...whereOf(place),
    ...(settings.token === undefined ? {} : { token: settings.token }),
    format,
    json: format === 'json' || format === 'yaml',
    colour: takesColour(process.stdout, process.env),
    ...(width === undefined ? {} : { width }),
    asks: process.stdin.isTTY === true && process.stderr.isTTY === true,
    clock: Date.now,
    out: (line) => write(visible(line)),
    data: (value) => write(visible(format === 'yaml' ? yamlOf(value) : JSON.stringify(value))),
    painted: write,
    err: (line) => void process.stderr.write(`${visible(line)}\n`),
  };
}

function whereOf(place: CliWorld['place']): Pick<CliWorld, 'environment' | 'region'> {
  switch (place.kind) {
    case 'local':
      return {};
    case 'aws':
      return { environment: place.environment };
    case 'context': {
      const { environment = place.name, region } = place.context;
      return { environment, ...(region === undefined ? {} : { region }) };
    }
  }
}
