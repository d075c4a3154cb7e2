/** What a server sends, read no further than it can mean something: who answers may be anybody. */
import { CommandEnd, EXIT } from './world.ts';

/** More than any answer of the API. */
export const MOST_BYTES = 32 * 1024 * 1024;

/** Ends the command: `negative` for an answer that is too long, `unavailable` for one that does not come to its end in time. */
export async function bodyOf(
  response: Response,
  what: string,
  most: number = MOST_BYTES,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of response.body ?? []) {
      length += part.length;
      if (length > most)
        throw new CommandEnd(`The answer for ${what} is longer than ${most} bytes.`, EXIT.negative);
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof CommandEnd) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandEnd(`The answer for ${what} did not come to its end: ${why}.`, EXIT.unavailable);
  }
  return Buffer.concat(parts);
}

export const textOf = async (response: Response, what: string, most?: number): Promise<string> =>
  Buffer.from(await bodyOf(response, what, most)).toString('utf8');
