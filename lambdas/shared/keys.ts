/** The keys of a deployed function, in KMS: what it signs with, and what makes pseudonyms of subjects. */
import { KMSClient } from '@aws-sdk/client-kms';
import { spanned } from '../../adapters/aws/call-spans.ts';
import { deriveKmsSecret } from '../../adapters/aws/kms-secret.ts';
import { openKmsSigner } from '../../adapters/aws/kms-signer.ts';
import { need } from '../../adapters/aws/settings.ts';
import type { Signer } from '../../src/ports.ts';
import { PSEUDONYMS, type SigningKeyName, takeClient, takePseudonymKey, takeSigner } from './keys-ahead.ts';
import { PATIENCE } from './patience.ts';
import { type AwsProcess, onceFor, whereOf } from './process.ts';

const kms = onceFor(({ settings, tracer }) =>
  spanned(takeClient() ?? new KMSClient({ ...whereOf(settings), requestHandler: PATIENCE }), tracer),
);

/** Throws STORE_UNAVAILABLE when KMS does not answer. */
export async function signerOf(process: AwsProcess, name: SigningKeyName): Promise<Signer> {
  const [client, id] = [kms(process), need(process.settings, name)];
  return takeSigner(name) ?? openKmsSigner(client, id);
}

/** The 32 bytes under which subjects become pseudonyms: the same in every function, stored nowhere. Throws likewise. */
export async function pseudonymKeyOf(process: AwsProcess): Promise<Uint8Array> {
  const [client, id] = [kms(process), need(process.settings, 'PSEUDONYM_KEY')];
  return takePseudonymKey() ?? deriveKmsSecret(client, id, PSEUDONYMS);
}
