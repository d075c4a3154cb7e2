/** `Blobs` in an S3 bucket. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { checkPrefix, nameParts } from '../../src/basics/blob-names.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Blobs } from '../../src/ports.ts';

/** Two conditional puts that meet: S3 refuses one of them without saying that the other succeeded. */
const CONFLICT_ATTEMPTS = 5;

/**
 * `folder` (no slash at its end) keeps the names of several `Blobs` in one bucket apart.
 * After a lost answer, `exists` may speak of the bytes that this very caller put.
 */
export function openS3Blobs(client: S3Client, bucket: string, folder = ''): Blobs {
  const base = folder === '' ? '' : `${folder}/`;
  const place = (name: string) => ({ Bucket: bucket, Key: `${base}${nameParts(name).join('/')}` });

  const putIfAbsent = async (name: string, bytes: Uint8Array): Promise<'stored' | 'exists'> => {
    for (let tried = 1; ; tried++) {
      try {
        await client.send(new PutObjectCommand({ ...place(name), Body: bytes, IfNoneMatch: '*' }));
        return 'stored';
      } catch (error) {
        const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
        if (status === 412) return 'exists';
        if (status !== 409 || tried === CONFLICT_ATTEMPTS) throw error;
      }
    }
  };

  return {
    async get(name) {
      const command = new GetObjectCommand(place(name));
      return answered(async () => {
        try {
          return await (await client.send(command)).Body?.transformToByteArray();
        } catch (error) {
          if (error instanceof NoSuchKey) return undefined;
          throw error;
        }
      });
    },

    async put(name, bytes, options = {}) {
      return answered(async () => {
        if (options.ifAbsent === true) return putIfAbsent(name, bytes);
        await client.send(new PutObjectCommand({ ...place(name), Body: bytes }));
        return 'stored';
      });
    },

    async *list(prefix) {
      checkPrefix(prefix);
      let after: string | undefined;
      do {
        const command = new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: `${base}${prefix}`,
          ContinuationToken: after,
        });
        const page = await answered(() => client.send(command));
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key.slice(base.length);
        after = page.NextContinuationToken;
      } while (after !== undefined);
    },

    async remove(name) {
      const command = new DeleteObjectCommand(place(name));
      await answered(() => client.send(command));
    },
  };
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ChanceryError) throw error;
    throw new ChanceryError('STORE_UNAVAILABLE', 'S3 did not answer', { cause: error });
  }
}
