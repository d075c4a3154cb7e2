/**
 * Where a command acts: on this machine, in a context that a person named, or in a deployed environment that AWS credentials
 * lead to. What is named is obeyed or refused, before anything is sent: nothing acts on another place than the one named.
 */
import type { LocalSettings } from '../local/settings.ts';
import { ENVIRONMENT_NAMES } from '../src/terms.ts';
import { CommandEnd, EXIT } from './command-end.ts';
import { type Context, type ContextFile, contextNamed, LOCAL } from './contexts.ts';

export type Place =
  | { readonly kind: 'local' }
  | { readonly kind: 'context'; readonly name: string; readonly context: Context }
  | { readonly kind: 'aws'; readonly environment: string };

interface Named {
  readonly env?: string;
  readonly context?: string;
}

/** What `--env` or its other name `--context` says. Ends the command when they differ. */
export function nameOf({ env, context }: Named): string | undefined {
  if (env !== undefined && context !== undefined && env !== context)
    throw new CommandEnd(`--env says ${env} and --context says ${context}: give one.`, EXIT.usage);
  return env ?? context;
}

/**
 * Without a name: where CHANCERY_URL leads, else the current context, else this machine. Ends the command (usage) when
 * nothing has the name.
 * @param file read only when it is needed
 */
export function placeOf(
  name: string | undefined,
  settings: Pick<LocalSettings, 'publicUrl'>,
  file: () => ContextFile,
): Place {
  if (name === LOCAL || (name === undefined && settings.publicUrl !== undefined)) return { kind: 'local' };
  const contexts = file();
  const wanted = name ?? contexts.current ?? LOCAL;
  if (wanted === LOCAL) return { kind: 'local' };
  const context = contextNamed(contexts, wanted);
  if (context !== undefined) return { kind: 'context', name: wanted, context };
  if (ENVIRONMENT_NAMES.some((known) => known === wanted)) return { kind: 'aws', environment: wanted };
  const known = [...Object.keys(contexts.contexts), LOCAL].join(', ');
  throw new CommandEnd(
    `There is no environment ${wanted}. Contexts: ${known}. Add one with \`chancery context add ${wanted} --url https://…\`; without one, AWS credentials lead to ${ENVIRONMENT_NAMES.join(', ')}.`,
    EXIT.usage,
  );
}

/** Commands of this machine refuse another place that was named; a current context is not for them. */
export function localPlace(name: string | undefined, command: string): Place {
  if (name === undefined || name === LOCAL) return { kind: 'local' };
  throw new CommandEnd(`${command} works on this machine only, not in ${name}: leave --env out.`, EXIT.usage);
}
