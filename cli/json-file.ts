/** JSON that a person wrote into a file. */
import { readFile } from 'node:fs/promises';
import { CommandEnd, EXIT } from './world.ts';

/** @param file `-` for standard input. Ends the command where it cannot be read or is not JSON, and says why. */
export async function readJsonFile(file: string): Promise<unknown> {
  const end = (what: string) => (cause: unknown) => {
    throw new CommandEnd(
      `${file} ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
      EXIT.usage,
    );
  };
  const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8').catch(end('cannot be read'));
  try {
    return JSON.parse(text);
  } catch (cause) {
    return end('is not JSON')(cause);
  }
}
