/** `chancery token`: one development token, and nothing else, on standard output. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { mintLocalToken } from '../adapters/local/dev-issuer.ts';
import { PRINCIPAL_KINDS, type PrincipalKind } from '../src/terms.ts';
import { secondsOrDuration } from './period.ts';
import type { CliWorld } from './world.ts';

interface TokenOptions {
  readonly sub: string;
  readonly name?: string;
  readonly email?: string;
  readonly role: readonly string[];
  readonly scope: readonly string[];
  readonly kind: PrincipalKind;
  readonly act: readonly string[];
  readonly mfa?: boolean;
  readonly sid?: string;
  readonly ttl: number;
}

const MAX_TTL = 7 * 86_400;

/** Seconds of `90`, `90s`, `15m`, `1h`, `7d`. Throws InvalidArgumentError. */
export function parseTtl(text: string): number {
  const seconds = secondsOrDuration(text);
  if (seconds > 0 && seconds <= MAX_TTL) return seconds;
  throw new InvalidArgumentError('It takes 1s to 7d, such as 15m or 1h.');
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

type TokenWorld = Pick<CliWorld, 'dataFolder' | 'clock' | 'out'>;

export function registerToken(program: Command, world: (command: Command) => TokenWorld): void {
  program
    .command('token')
    .requiredOption('--sub <id>', 'subject')
    .option('--name <name>', 'name of the person')
    .option('--email <address>', 'e-mail address')
    .option('--role <role>', 'role, may be repeated', collect, [])
    .option('--scope <scope>', 'scope, may be repeated', collect, [])
    .addOption(new Option('--kind <kind>', 'who acts').choices(PRINCIPAL_KINDS).default('human'))
    .option('--act <sub>', 'acting party, nearest first, may be repeated', collect, [])
    .option('--mfa', 'as if signed in with a second factor just now')
    .option('--sid <id>', 'session id')
    .option('--ttl <duration>', 'life time, such as 15m or 1h', parseTtl, 3600)
    .action(async (options: TokenOptions, command: Command) => {
      const { dataFolder, clock, out } = world(command);
      const { role, scope, ttl, ...claims } = options;
      out(
        await mintLocalToken(dataFolder, { ...claims, roles: role, scopes: scope, ttlSeconds: ttl }, clock()),
      );
    });
}
