/** What a DynamoDB stream says happened to a table, from a Lambda event or from the Streams API. */
import * as z from 'zod';
import type { Change, Item, Value } from '../../src/ports.ts';

/** Bytes are base64 in a Lambda event, and bytes in the API. */
const bytes = z
  .union([z.instanceof(Uint8Array), z.base64()])
  .transform((B) => (typeof B === 'string' ? new Uint8Array(Buffer.from(B, 'base64')) : B));

const attribute: z.ZodType<Value> = z.lazy(() =>
  z.union([
    z.strictObject({ S: z.string() }).transform(({ S }) => S),
    z.strictObject({ N: z.string() }).transform(({ N }) => Number(N)),
    z.strictObject({ B: bytes }).transform(({ B }) => B),
    z.strictObject({ BOOL: z.boolean() }).transform(({ BOOL }) => BOOL),
    z.strictObject({ NULL: z.literal(true) }).transform(() => null),
    z.strictObject({ L: z.array(attribute) }).transform(({ L }) => L),
    z.strictObject({ M: z.record(z.string(), attribute) }).transform(({ M }) => M),
    // Chancery never writes sets. A forged item with one must not blind who reads the stream.
    z.strictObject({ SS: z.array(z.string()) }).transform(({ SS }) => SS),
    z.strictObject({ NS: z.array(z.string()) }).transform(({ NS }) => NS.map(Number)),
    z.strictObject({ BS: z.array(bytes) }).transform(({ BS }) => BS),
  ]),
);

const image = z.record(z.string(), attribute).transform((attributes, context): Item => {
  const { pk, sk } = attributes;
  if (typeof pk === 'string' && typeof sk === 'string') return { ...attributes, pk, sk };
  context.addIssue('the image has no text keys');
  return z.NEVER;
});

const streamRecord = z.discriminatedUnion('eventName', [
  z
    .object({ eventName: z.literal('INSERT'), dynamodb: z.object({ NewImage: image }) })
    .transform(({ dynamodb }): Change => ({ kind: 'inserted', item: dynamodb.NewImage })),
  z
    .object({ eventName: z.literal('MODIFY'), dynamodb: z.object({ OldImage: image, NewImage: image }) })
    .transform(
      ({ dynamodb }): Change => ({ kind: 'modified', before: dynamodb.OldImage, after: dynamodb.NewImage }),
    ),
  z
    .object({
      eventName: z.literal('REMOVE'),
      dynamodb: z.object({ OldImage: image }),
      userIdentity: z.object({ type: z.string().optional(), principalId: z.string().optional() }).nullish(),
    })
    .transform(
      ({ dynamodb, userIdentity }): Change => ({
        kind: 'removed',
        before: dynamodb.OldImage,
        expired: userIdentity?.principalId === 'dynamodb.amazonaws.com',
      }),
    ),
]);

/**
 * The change that a stream record tells of. Throws for a record without the images that the table's stream
 * must carry (NEW_AND_OLD_IMAGES): a sentinel that sees nothing must not look as if there were nothing to see.
 */
export function changeOf(record: unknown): Change {
  return streamRecord.parse(record);
}

const streamEvent = z.object({ Records: z.array(z.looseObject({ eventName: z.string() })) });

/** What a Lambda event says happened, in its order; an event that is none of the stream's (a schedule's) has no changes. */
export const changesOf = (event: unknown): Change[] => recordsIn(event).map(changeOf);

/** The same of what was modified or removed; inserts are left unread. */
export const alterationsOf = (event: unknown): Change[] =>
  recordsIn(event)
    .filter(({ eventName }) => eventName !== 'INSERT')
    .map(changeOf);

const recordsIn = (event: unknown) => streamEvent.safeParse(event).data?.Records ?? [];
