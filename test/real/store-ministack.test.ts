import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { createDynamoClient } from '../../adapters/aws/dynamodb-client.ts';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { openKmsSigner } from '../../adapters/aws/kms-signer.ts';
import { openS3Blobs } from '../../adapters/aws/s3-blobs.ts';
import { openS3Worm } from '../../adapters/aws/s3-worm.ts';
import { blobsContract } from '../store/blobs-contract.ts';
import { signerContract } from '../store/signer-contract.ts';
import { tableContract } from '../store/table-contract.ts';
import { makeTable } from '../support/dynamo.ts';
import { ACCOUNT, REGION, startMinistack } from './ministack.ts';
import { streamContract } from './stream-contract.ts';

/** Each contract gets an empty account of its own. */
async function start() {
  const { endpoint, stop } = await startMinistack();
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'test' };
  return { settings: { region: REGION, endpoint, credentials, timeoutMs: 20_000 }, close: stop };
}

tableContract(
  'MiniStack',
  async () => {
    const { settings, close } = await start();
    const client = createDynamoClient(settings);
    return { table: openDynamoTable(client, await makeTable(client, 'chancery')), close };
  },
  15,
);

streamContract('MiniStack', async () => {
  const { settings, close } = await start();
  return { url: settings.endpoint, client: createDynamoClient(settings), close };
});

blobsContract('S3 (MiniStack)', async () => {
  const { settings, close } = await start();
  const client = new S3Client({ ...settings, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'documents' }));
  return { blobs: openS3Blobs(client, 'documents', 'in/a/folder'), close };
});

signerContract('KMS (MiniStack)', async () => {
  const { settings, close } = await start();
  const client = new KMSClient(settings);
  const { KeyMetadata } = await client.send(
    new CreateKeyCommand({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' }),
  );
  return { signer: await openKmsSigner(client, String(KeyMetadata?.KeyId)), close };
});

test('the write-once bucket shows what was written first, whatever was put or marked deleted on top', async () => {
  const { settings, close } = await start();
  const client = new S3Client({ ...settings, forcePathStyle: true });
  const Bucket = 'worm';
  await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const worm = openS3Worm(client, Bucket);
  const name = 'checkpoints/999/999/999/998';
  const bytes = (text: string) => new TextEncoder().encode(text);

  expect(await worm.get(name)).toBeUndefined();
  expect(await worm.put(name, bytes('first'), { ifAbsent: true })).toBe('stored');
  expect(await worm.put(name, bytes('second'), { ifAbsent: true })).toBe('exists');
  await client.send(new PutObjectCommand({ Bucket, Key: name, Body: bytes('forged') }));
  await client.send(new PutObjectCommand({ Bucket, Key: `${name}1`, Body: bytes('another') }));
  expect(Buffer.from((await worm.get(name)) ?? []).toString()).toBe('first');

  await client.send(new DeleteObjectCommand({ Bucket, Key: name }));
  expect(Buffer.from((await worm.get(name)) ?? []).toString()).toBe('first');
  expect(await Array.fromAsync(worm.list('checkpoints/'))).toEqual([name, `${name}1`]);
  await expect(worm.remove(name)).rejects.toMatchObject({ code: 'CONFLICT' });
  client.destroy();
  await close();
});
