/**
 * When to look at a list again: at once when the live feed tells of a record that may have changed it, and every second
 * where there is no feed, or none for this token.
 */
import { apiClient } from './client.ts';
import { pause } from './interrupted.ts';
import { followFeed } from './live-feed.ts';
import { type CliWorld, CommandEnd } from './world.ts';

/** Resolves when it is time to look again, and soon after `ended`. */
export type NextLook = (ended: AbortSignal) => Promise<void>;

export const EVERY_MS = 1_000;
/** What a record does to a list follows the record by so much; a second later one looks once more. */
const SETTLES_MS = 100;
/** While the feed is silent: some of what a list shows goes by without a record. */
const SILENT_MS = 30_000;

/**
 * @param types of records, or families as `violation.*`
 * @param roles of the token that is made where none is given
 */
export function newsOf(cli: CliWorld, types: readonly string[], roles: readonly string[]): NextLook {
  let news = new AbortController();
  const told = (): void => news.abort();
  let [asked, fed, silent] = [false, false, false];

  async function listen(ended: AbortSignal): Promise<void> {
    const query = new URLSearchParams(types.map((type) => ['type', type]));
    const reach = async () => (await apiClient(cli, roles)).reached;
    const listening = async (): Promise<void> => {
      fed = true;
      told();
    };
    try {
      await followFeed({ reach, query, listening, told, waiting: told }, ended);
    } catch (error) {
      // Whoever may read the list need not be one who may read the ledger; and what else is wrong, the list says.
      if (!(error instanceof CommandEnd)) throw error;
    } finally {
      fed = false;
    }
  }

  return async (ended) => {
    if (!asked) {
      asked = true;
      listen(ended).catch((error: unknown) => cli.err(`The feed is not followed any more: ${String(error)}`));
    }
    await pause(fed && silent ? SILENT_MS : EVERY_MS, AbortSignal.any([ended, news.signal]));
    silent = !news.signal.aborted;
    if (silent) return;
    news = new AbortController();
    await pause(SETTLES_MS, ended);
  };
}
