/**
 * `Blobs` in an S3 bucket under Object Lock, seen as what was written first. Object Lock keeps every version but
 * lets anybody who may write add another on top, or a delete marker: so an attacker could show a newer "truth"
 * to a plain GET. Here the oldest version of a name is the only one.
 */
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ObjectVersion,
  type S3Client,
} from '@aws-sdk/client-s3';
import { checkPrefix, nameParts } from '../../src/basics/blob-names.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Blobs } from '../../src/ports.ts';
import { openS3Blobs } from './s3-blobs.ts';

/** The bucket needs versioning, a default retention, and s3:ListBucketVersions and s3:GetObjectVersion. */
export function openS3Worm(client: S3Client, bucket: string): Blobs {
  const { put } = openS3Blobs(client, bucket);

  /** Every version under a prefix; of one key newest first, keys in bytewise order. */
  async function* versions(prefix: string): AsyncGenerator<ObjectVersion> {
    let after: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (;;) {
      const command = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...after });
      const page = await answered(() => client.send(command));
      yield* page.Versions ?? [];
      if (page.IsTruncated !== true) return;
      after = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  }

  return {
    put,

    async get(name) {
      const key = nameParts(name).join('/');
      let first: ObjectVersion | undefined;
      for await (const version of versions(key)) {
        if (version.Key === key) first = version;
        else if (first !== undefined) break;
      }
      if (first === undefined) return undefined;
      const command = new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: first.VersionId });
      return answered(async () => (await client.send(command)).Body?.transformToByteArray());
    },

    async *list(prefix) {
      checkPrefix(prefix);
      let last: string | undefined;
      for await (const { Key } of versions(prefix)) {
        if (Key !== undefined && Key !== last) yield Key;
        last = Key;
      }
    },

    async remove(name) {
      throw new ChanceryError('CONFLICT', `Nothing is removed from the write-once store, not even ${name}`);
    },
  };
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ChanceryError('STORE_UNAVAILABLE', 'S3 did not answer', { cause: error });
  }
}
