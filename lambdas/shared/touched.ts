/** The items of a table whose stream tells that they changed, whoever changed them. */
import * as z from 'zod';

const key = z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) });
const batch = z.object({ Records: z.array(z.object({ dynamodb: z.object({ Keys: key }) })) });

/** Each item once. Undefined for what is no batch of a stream. */
export function touchedIn(
  event: unknown,
): readonly { readonly pk: string; readonly sk: string }[] | undefined {
  const parsed = batch.safeParse(event);
  if (!parsed.success) return undefined;
  const items = parsed.data.Records.map(({ dynamodb: { Keys } }) => ({ pk: Keys.pk.S, sk: Keys.sk.S }));
  return [...new Map(items.map((item) => [`${item.pk}\u0000${item.sk}`, item])).values()];
}
