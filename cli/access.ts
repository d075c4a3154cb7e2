/** Where the API of a command's place is, and a token for it. */
import { exec } from 'node:child_process';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import type { Context } from './contexts.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

export interface Access {
  readonly url: string;
  readonly token: string;
}

/** Whom a token of the development issuer names. */
export interface LocalIdentity {
  readonly roles: readonly string[];
  readonly name?: string;
  readonly email?: string;
}

type AccessWorld = Pick<
  CliWorld,
  'place' | 'named' | 'url' | 'token' | 'dataFolder' | 'settings' | 'clock' | 'asks' | 'err'
>;

/** Ends the command (usage) where there is no way to a token. */
export async function accessTo(world: AccessWorld, identity: LocalIdentity): Promise<Access> {
  const { place, url } = world;
  switch (place.kind) {
    case 'local':
      return { url, token: world.token ?? (await developmentToken(world, identity)) };
    case 'context':
      return { url, token: await tokenOf(world, place.name, place.context, identity) };
    case 'aws': {
      const { environment } = place;
      if (world.token === undefined)
        throw new CommandEnd(
          `${environment} has no context that says how to get a token: set CHANCERY_TOKEN, or \`chancery context add ${environment} --url … --token-command …\`.`,
          EXIT.usage,
        );
      // Loaded only here: the AWS clients are no part of calling an API.
      const { apiOfDeployed } = await import('./deployed.ts');
      return { url: await apiOfDeployed(environment), token: world.token };
    }
  }
}

const developmentToken = (
  { dataFolder, clock }: Pick<CliWorld, 'dataFolder' | 'clock'>,
  identity: LocalIdentity,
): Promise<string> =>
  mintLocalToken(
    dataFolder,
    { sub: 'local-operator', name: 'Local Operator', ...identity, kind: 'human', mfa: true },
    clock(),
  );

/** Of a context that was named, its own way first: a CHANCERY_TOKEN that lies about may be another place's. */
async function tokenOf(
  world: AccessWorld,
  name: string,
  { token: source, url }: Context,
  identity: LocalIdentity,
): Promise<string> {
  if (world.token !== undefined && (source === undefined || !world.named)) return world.token;
  if (source === undefined) {
    if (isThisMachine(url)) return developmentToken(world, identity);
    throw new CommandEnd(
      `The context ${name} does not say how to get a token: set CHANCERY_TOKEN, or \`chancery context set ${name} --token-command …\` (or --oidc-issuer and --client-id).`,
      EXIT.usage,
    );
  }
  if ('command' in source) return printedBy(source.command, name);
  const { signedIn } = await import('./sign-in.ts');
  return signedIn(world, name, source.oidc);
}

const isThisMachine = (url: string): boolean =>
  /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

const TOKEN_WITHIN_MS = 120_000;

/** What the context's own command prints; its questions and errors are shown. */
function printedBy(command: string, context: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = exec(command, { timeout: TOKEN_WITHIN_MS, maxBuffer: 1 << 20 }, (error, printed) => {
      const token = printed.trim();
      if (error !== null)
        reject(failed(`failed (${error.code === undefined ? 'stopped' : `exit ${error.code}`})`));
      else if (!/^[\x21-\x7e]+$/.test(token)) reject(failed('printed no token and nothing else'));
      else resolve(token);
    });
    const failed = (what: string) =>
      new CommandEnd(`The token command of the context ${context} ${what}: ${command}`, EXIT.unavailable);
    child.stderr?.pipe(process.stderr);
  });
}
