/** Which entries a command shows: the conditions that `GET /ledger/entries` takes, over a folder or an export as well. */
import { type Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { entryConditions, isPseudonym } from '../src/ledger/entry-filter.ts';
import { type EntryFilter, inInstants } from '../src/ledger/reader.ts';
import { CommandEnd, EXIT } from './world.ts';

/** The options that say which. */
export const filtered = (command: Command): Command =>
  command
    .option('--type <type>', 'an event type, or a family as decision.*', as(entryConditions.type))
    .option('--outcome <outcome>', 'such as allow, deny, success or failure', as(entryConditions.outcome))
    .option('--mode <mode>', 'the mode that was asked for, or none', as(entryConditions.mode))
    .option('--workflow <name>', 'of this workflow', as(entryConditions.workflow))
    .option(
      '--subject <subject>',
      'of this principal: a pseudonym, as entries show it; over the API a sub as well',
    )
    .option('--trace <id>', 'of this trace', as(entryConditions.trace))
    .option('--from <time>', 'of this time (RFC 3339) or later', as(time))
    .option('--to <time>', 'of this time or earlier', as(time));

const time = z.iso.datetime({
  offset: true,
  error: 'must be RFC 3339 with an offset, as 2026-11-29T12:00:00Z',
});

function as<T>(schema: z.ZodType<T>): (text: string) => T | string {
  return (text) => {
    // Refused by its name, with the other blank ones.
    if (text.trim() === '') return text;
    const read = schema.safeParse(text);
    if (read.success) return read.data;
    throw new InvalidArgumentError(read.error.issues.map(({ message }) => message).join('; '));
  };
}

/** What was asked. Ends the command (usage) for a stretch that ends before it begins: it holds nothing, whatever happened. */
export function filterOf({
  type,
  outcome,
  mode,
  workflow,
  subject,
  trace,
  from,
  to,
}: EntryFilter): EntryFilter {
  if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to))
    throw new CommandEnd('--to must not be before --from.', EXIT.usage);
  const asked = Object.entries(inInstants({ type, outcome, mode, workflow, subject, trace, from, to }));
  return Object.fromEntries(asked.filter(([, value]) => value !== undefined));
}

/** Who a `sub` is only the service can tell. Ends the command (usage) for one where there is none. */
export function onlyPseudonyms({ subject }: EntryFilter): void {
  if (subject === undefined || isPseudonym(subject)) return;
  throw new CommandEnd(
    '--subject takes a pseudonym here, as entries show it: who has which name only the service knows (--url, CHANCERY_TOKEN).',
    EXIT.usage,
  );
}
