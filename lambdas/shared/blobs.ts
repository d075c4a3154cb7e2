/** The buckets of a deployed function that reads or writes documents, the log or its write-once copy. */
import { S3Client } from '@aws-sdk/client-s3';
import { spanned } from '../../adapters/aws/call-spans.ts';
import { openS3Blobs } from '../../adapters/aws/s3-blobs.ts';
import { openS3Worm } from '../../adapters/aws/s3-worm.ts';
import { need } from '../../adapters/aws/settings.ts';
import type { Blobs } from '../../src/ports.ts';
import { PATIENCE } from './patience.ts';
import { type AwsProcess, onceFor, whereOf } from './process.ts';

// Path style: a stand-in has no name per bucket, and AWS takes both.
const s3 = onceFor(({ settings, tracer }) =>
  spanned(
    new S3Client({
      ...whereOf(settings),
      forcePathStyle: settings.AWS_ENDPOINT_URL !== undefined,
      requestHandler: PATIENCE,
    }),
    tracer,
  ),
);

export const blobsOf = (process: AwsProcess, name: 'DOCUMENTS_BUCKET' | 'LOG_BUCKET'): Blobs =>
  openS3Blobs(s3(process), need(process.settings, name));

/** What was written first under a name is all that it shows. */
export const wormOf = (process: AwsProcess): Blobs =>
  openS3Worm(s3(process), need(process.settings, 'WORM_BUCKET'));
