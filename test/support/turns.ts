/** How many turns the event loop has while this is under way, and what comes of it. */
export async function turnsDuring<T>(
  work: Promise<T>,
): Promise<{ readonly turns: number; readonly result: T }> {
  let turns = 0;
  let ended = false;
  const count = (): void => {
    turns += 1;
    if (!ended) setImmediate(count);
  };
  setImmediate(count);
  const result = await work;
  ended = true;
  return { turns, result };
}
