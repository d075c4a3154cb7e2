/** `chancery context`: the environments that a person works with, each by a name of theirs. */
import { type Command, InvalidArgumentError } from 'commander';
import { list, show, tell } from './answer.ts';
import { agreed, type ConfirmFlags, confirmable } from './confirm.ts';
import {
  type Context,
  type ContextFile,
  changeContexts,
  contextName,
  contextNamed,
  contextSchema,
  LOCAL,
  readContexts,
} from './contexts.ts';
import { listing } from './listing.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

interface ContextFlags {
  readonly url?: string;
  readonly region?: string;
  readonly environment?: string;
  readonly tokenCommand?: string;
  readonly oidcIssuer?: string;
  readonly clientId?: string;
  readonly scope?: string;
  readonly audience?: string;
}

interface Row {
  readonly name: string;
  readonly current: boolean;
  readonly url: string;
  readonly region?: string;
  readonly environment?: string;
  readonly token: string;
}

export function registerContext(program: Command, world: (command: Command) => CliWorld): void {
  const contexts = program.command('context').alias('contexts');

  listing(contexts.command('list', { isDefault: true }))
    .description('all of them; the current one is where commands act without --env')
    .action((_flags: unknown, command: Command) => {
      const cli = world(command);
      const rows = rowsOf(cli, readContexts(cli.settings.contextsFile));
      list(cli, {
        answer: { contexts: rows },
        rows,
        name: ({ name }) => name,
        columns: [
          { head: 'name', cell: ({ name }) => name },
          { head: 'current', cell: ({ current }) => (current ? '*' : '') },
          { head: 'url', cell: ({ url }) => url },
          { head: 'region', cell: ({ region }) => region },
          { head: 'token', cell: ({ token }) => token },
          { head: 'environment', cell: ({ environment }) => environment, wide: true },
        ],
        empty: '',
      });
    });

  contexts
    .command('current')
    .description('the name of the one where commands act without --env')
    .action((_flags: unknown, command: Command) => {
      const cli = world(command);
      const current = currentOf(readContexts(cli.settings.contextsFile));
      tell(cli, { current }, () => current);
    });

  contexts
    .command('show')
    .description('one of them; by default the current one. Tokens are never shown')
    .argument('[name]')
    .action((name: string | undefined, _flags: unknown, command: Command) => {
      const cli = world(command);
      const file = readContexts(cli.settings.contextsFile);
      const wanted = name ?? currentOf(file);
      show(cli, rowsOf(cli, file).find((row) => row.name === wanted) ?? unknown(wanted));
    });

  contexts
    .command('use')
    .description('make it the current one; local is the runtime of this machine')
    .argument('<name>')
    .action((name: string, _flags: unknown, command: Command) => {
      const cli = world(command);
      changeContexts(cli.settings.contextsFile, ({ current: _, ...file }) => {
        if (name === LOCAL) return file;
        if (contextNamed(file, name) === undefined) unknown(name);
        return { ...file, current: name };
      });
      tell(cli, { current: name }, () => `commands act on ${name} now`);
    });

  describable(contexts.command('add'))
    .description('name an environment')
    .argument('<name>', 'what you will call it', named)
    .action((name: string, flags: ContextFlags, command: Command) => {
      const cli = world(command);
      changeContexts(cli.settings.contextsFile, (file) => {
        if (contextNamed(file, name) !== undefined)
          throw new CommandEnd(
            `There is a context ${name}: \`chancery context set ${name}\` changes it.`,
            EXIT.usage,
          );
        return withContext(file, name, flags);
      });
      tell(
        cli,
        { added: name },
        () => `added ${name}; use it with --env ${name}, or chancery context use ${name}`,
      );
    });

  describable(contexts.command('set'))
    .description('change one, or name a new one; what is not given stays')
    .argument('<name>', 'of the context', named)
    .action((name: string, flags: ContextFlags, command: Command) => {
      const cli = world(command);
      changeContexts(cli.settings.contextsFile, (file) => withContext(file, name, flags));
      tell(cli, { set: name }, () => `set ${name}`);
    });

  confirmable(contexts.command('delete').alias('remove'))
    .description('forget one, with its token')
    .argument('<name>')
    .action(async (name: string, flags: ConfirmFlags, command: Command) => {
      const cli = world(command);
      if (contextNamed(readContexts(cli.settings.contextsFile), name) === undefined) unknown(name);
      if (!(await agreed(cli, flags, `forget the context ${name}`))) return;
      changeContexts(cli.settings.contextsFile, ({ contexts: { [name]: _, ...others }, current }) => ({
        ...(current === undefined || current === name ? {} : { current }),
        contexts: others,
      }));
      const { signOut } = await import('./sign-in.ts');
      signOut(cli, name);
      tell(cli, { deleted: name }, () => `deleted ${name}`);
    });

  contexts
    .command('login')
    .description('sign in by the device flow of its OpenID provider')
    .argument('[name]', 'by default the current one')
    .action(async (name: string | undefined, _flags: unknown, command: Command) => {
      const cli = world(command);
      const file = readContexts(cli.settings.contextsFile);
      const wanted = name ?? currentOf(file);
      const { token } = contextNamed(file, wanted) ?? unknown(wanted);
      if (token === undefined || 'command' in token)
        throw new CommandEnd(
          `${wanted} has no OpenID provider: set --oidc-issuer and --client-id.`,
          EXIT.usage,
        );
      const { signIn } = await import('./sign-in.ts');
      await signIn(cli, wanted, token.oidc);
      tell(cli, { signed_in: wanted }, () => `signed in to ${wanted}`);
    });

  contexts
    .command('logout')
    .description('forget the token that is kept for one')
    .argument('[name]', 'by default the current one')
    .action(async (name: string | undefined, _flags: unknown, command: Command) => {
      const cli = world(command);
      const wanted = name ?? currentOf(readContexts(cli.settings.contextsFile));
      const { signOut } = await import('./sign-in.ts');
      const signed_out = signOut(cli, wanted);
      tell(cli, { signed_out }, () =>
        signed_out ? `the token of ${wanted} is forgotten` : `no token of ${wanted} was kept`,
      );
    });
}

const describable = (command: Command): Command =>
  command
    .option('--url <url>', 'where its API is')
    .option('--region <region>', 'where on AWS it is deployed: logs and stores are read there')
    .option('--environment <name>', 'what it is called as deployed, where that is not the name')
    .option('--token-command <command>', 'a command that prints a token and nothing else')
    .option('--oidc-issuer <url>', 'an OpenID provider that you sign in to by the device flow (RFC 8628)')
    .option('--client-id <id>', 'with --oidc-issuer: the client that the provider knows')
    .option('--scope <scopes>', 'with --oidc-issuer: what is asked for; openid by default')
    .option('--audience <name>', 'with --oidc-issuer: for providers that want one');

function named(text: string): string {
  const parsed = contextName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`${parsed.error.issues[0]?.message ?? ''}.`);
}

function withContext(file: ContextFile, name: string, flags: ContextFlags): ContextFile {
  const before = contextNamed(file, name);
  const { url, region, environment } = flags;
  const parsed = contextSchema.safeParse({
    ...before,
    ...(url === undefined ? {} : { url }),
    ...(region === undefined ? {} : { region }),
    ...(environment === undefined ? {} : { environment }),
    ...tokenOf(flags, before),
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const option = issue?.path.at(-1) ?? 'url';
    const why = flags.url === undefined && before === undefined ? 'give one' : issue?.message;
    throw new CommandEnd(`--${String(option).replace('_', '-')}: ${why ?? ''}`, EXIT.usage);
  }
  return { ...file, contexts: { ...file.contexts, [name]: parsed.data } };
}

/** One way to a token at a time: a new one takes the place of the other. */
function tokenOf(flags: ContextFlags, before: Context | undefined): { token?: unknown } {
  const { tokenCommand: command, oidcIssuer: issuer, clientId: client_id, scope, audience } = flags;
  const given = { issuer, client_id, scope, audience };
  const ofProvider = Object.entries(given).filter(([, value]) => value !== undefined);
  if (command !== undefined && ofProvider.length > 0)
    throw new CommandEnd('--token-command or --oidc-issuer: a token is got in one way.', EXIT.usage);
  if (command !== undefined) return { token: { command } };
  if (ofProvider.length === 0) return {};
  const known = before?.token !== undefined && 'oidc' in before.token ? before.token.oidc : {};
  const oidc = { ...known, ...Object.fromEntries(ofProvider) };
  if (!('issuer' in oidc) || !('client_id' in oidc))
    throw new CommandEnd('--oidc-issuer and --client-id go together.', EXIT.usage);
  return { token: { oidc } };
}

const currentOf = ({ current }: ContextFile): string => current ?? LOCAL;

function rowsOf({ settings }: CliWorld, file: ContextFile): Row[] {
  const current = currentOf(file);
  const own = { name: LOCAL, url: settings.url, token: 'development issuer' };
  const others = Object.entries(file.contexts).map(([name, { token, ...context }]) => ({
    name,
    ...context,
    token: wayOf(token),
  }));
  return [own, ...others].map((row) => ({ ...row, current: row.name === current }));
}

function wayOf(token: Context['token']): string {
  if (token === undefined) return 'CHANCERY_TOKEN';
  return 'command' in token ? `command: ${token.command}` : `sign-in: ${token.oidc.issuer}`;
}

function unknown(name: string): never {
  throw new CommandEnd(`There is no context ${name}: chancery context list.`, EXIT.usage);
}
