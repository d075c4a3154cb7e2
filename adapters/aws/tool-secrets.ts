/** What servers behind the office are shown: one secret of this environment, a JSON object of names and values. */
import * as z from 'zod';
import { readSecret, type SecretWhere } from './secrets.ts';

/** One that was filled in or rotated counts within this. */
const KEPT_MS = 60_000;
const values = z.record(z.string(), z.string());

/** The value of a name; undefined when there is none. Throws when the secret cannot be read, or is no such object. */
export function toolSecrets(
  secretId: string,
  where: SecretWhere,
): (name: string) => Promise<string | undefined> {
  let kept:
    | { readonly values: Promise<Readonly<Record<string, string>>>; readonly until: number }
    | undefined;
  const read = async (): Promise<Readonly<Record<string, string>>> =>
    values.parse(JSON.parse(await readSecret(secretId, where)));
  return async (name) => {
    if (kept === undefined || kept.until <= where.clock())
      kept = { values: read(), until: where.clock() + KEPT_MS };
    try {
      return (await kept.values)[name];
    } catch (error) {
      kept = undefined;
      throw error;
    }
  };
}
