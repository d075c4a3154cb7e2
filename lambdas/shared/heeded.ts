/** Who has something to hear in a batch of the ledger's stream: a function that has not is not woken, and not paid for. */
import * as z from 'zod';
import { typeOfBytes } from '../../src/ledger/bytes.ts';
import { HEEDED } from '../../src/loop/seen.ts';
import { mayBeTold } from '../../src/watch/notices/told.ts';

const eventSchema = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({ NewImage: z.object({ b: z.object({ B: z.string() }) }).optional() }),
    }),
  ),
});

/** True where a record of the batch is one. False for what is no such batch. */
const holdsOne =
  (is: (bytes: Uint8Array) => boolean) =>
  (event: unknown): boolean => {
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success) return false;
    return parsed.data.Records.some(({ dynamodb }) =>
      is(Buffer.from(dynamodb.NewImage?.b.B ?? '', 'base64')),
    );
  };

export const isHeeded = holdsOne((bytes) => HEEDED.includes(typeOfBytes(bytes) ?? ''));
export const isToldOf = holdsOne(mayBeTold);

/** What is woken by what is in a batch. */
export type Listener = 'loop' | 'notices' | 'broadcast';

/** @param roster who listens to the live feed: whoever is let in after this look has the broadcaster woken by who let them in */
export async function heardBy(
  event: unknown,
  roster: { readonly any: () => Promise<boolean> },
): Promise<readonly Listener[]> {
  return [
    ...(isHeeded(event) ? (['loop'] as const) : []),
    ...(isToldOf(event) ? (['notices'] as const) : []),
    ...((await roster.any()) ? (['broadcast'] as const) : []),
  ];
}
