/** True for a schedule's event, false for a batch of a table's stream. */
export const isBeat = (event: unknown): boolean =>
  typeof event !== 'object' || event === null || !('Records' in event);
