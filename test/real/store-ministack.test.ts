import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createDynamoClient } from '../../adapters/aws/dynamodb-client.ts';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { openKmsSigner } from '../../adapters/aws/kms-signer.ts';
import { openS3Blobs } from '../../adapters/aws/s3-blobs.ts';
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
  return { settings: { region: REGION, endpoint, credentials }, close: stop };
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
