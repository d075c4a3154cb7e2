/** Whether a batch of the table's stream holds a record that the loop heeds, or one that people are told of. */
import * as z from 'zod';
import { HEEDED } from '../../src/loop/seen.ts';
import { TOLD_BYTES } from '../../src/watch/notices/told.ts';

const eventSchema = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({ NewImage: z.object({ b: z.object({ B: z.string() }) }).optional() }),
    }),
  ),
});

/** True where a record of the batch has all marks of one line. False for what is no such batch. */
const holdsOne =
  (lines: readonly (readonly string[])[]) =>
  (event: unknown): boolean => {
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success) return false;
    return parsed.data.Records.some(({ dynamodb }) => {
      const text = Buffer.from(dynamodb.NewImage?.b.B ?? '', 'base64').toString('latin1');
      return lines.some((marks) => marks.every((mark) => text.includes(mark)));
    });
  };

export const isHeeded = holdsOne(HEEDED.map((type) => [`"type":"${type}"`]));
export const isToldOf = holdsOne(TOLD_BYTES);
