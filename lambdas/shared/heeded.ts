/** Whether a batch of the table's stream holds a record that the loop heeds. */
import * as z from 'zod';
import { HEEDED } from '../../src/loop/seen.ts';

const eventSchema = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({ NewImage: z.object({ b: z.object({ B: z.string() }) }).optional() }),
    }),
  ),
});

const MARKS = HEEDED.map((type) => `"type":"${type}"`);

/** False for what is no such batch: the schedule wakes the loop as well. */
export function isHeeded(event: unknown): boolean {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) return false;
  return parsed.data.Records.some(({ dynamodb }) => {
    const text = Buffer.from(dynamodb.NewImage?.b.B ?? '', 'base64').toString('latin1');
    return MARKS.some((mark) => text.includes(mark));
  });
}
