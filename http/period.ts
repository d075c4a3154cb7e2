/** Times in queries, and the stretch between two of them. */
import * as z from 'zod';

export const instant = z.iso.datetime({
  offset: true,
  error: 'must be RFC 3339 with an offset, as 2026-11-29T12:00:00Z',
});

/** For `closed({ …, ...period }).check(inOrder)`. */
export const period = { from: instant.optional(), to: instant.optional() };

/** A stretch that ends before it begins holds nothing, and would be read as "nothing happened". */
export const inOrder: z.core.CheckFn<{ from?: string | undefined; to?: string | undefined }> = ({
  value,
  issues,
}) => {
  const { from, to } = value;
  if (from === undefined || to === undefined || Date.parse(from) <= Date.parse(to)) return;
  issues.push({ code: 'custom', path: ['to'], input: to, message: 'to must not be before from' });
};
