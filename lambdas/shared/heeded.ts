/** Whether a batch of the table's stream holds a record that the loop heeds, or one that people are told of. */
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
