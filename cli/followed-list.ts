/** A list that can be gone on with: shown as it is, or with `--follow` what is there, what comes and what changes. */
import type { PathFor } from '../client/paths.ts';
import { type Listing, list } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { follow } from './follow.ts';
import { untilInterrupted } from './interrupted.ts';
import { newsOf } from './news.ts';
import type { CliWorld } from './world.ts';

export interface FollowedList<T> extends Pick<Listing<T>, 'name' | 'columns' | 'empty'> {
  readonly path: PathFor<'GET'>;
  /** Of the token that is made where none is given. */
  readonly roles: readonly string[];
  /** What of the answer is listed. Throws where it is none of ours. */
  readonly rowsIn: (answer: unknown) => readonly T[];
  /** Of one that came or changed. */
  readonly line: (one: T) => string;
  /** Event types, or families as `case.*`, that say that it is worth asking again. */
  readonly news: readonly string[];
}

export async function listOrFollow<T>(
  cli: CliWorld,
  goOn: boolean | undefined,
  { path, roles, rowsIn, line, news, name, columns, empty }: FollowedList<T>,
): Promise<void> {
  const read = async () => succeeded(await (await apiClient(cli, roles)).call('GET', path));
  if (goOn === true)
    return untilInterrupted(
      follow(cli, { read: async () => rowsIn(await read()), id: name, line }, newsOf(cli, news, roles)),
    );
  const answer = await read();
  list(cli, { answer, rows: rowsIn(answer), name, columns, empty });
}
