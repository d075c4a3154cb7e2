/** The keys of a deployed function, in KMS: what it signs with, and what makes pseudonyms of subjects. */
import { KMSClient } from '@aws-sdk/client-kms';
import { spanned } from '../../adapters/aws/call-spans.ts';
import { deriveKmsSecret } from '../../adapters/aws/kms-secret.ts';
import { openKmsSigner } from '../../adapters/aws/kms-signer.ts';
import { need } from '../../adapters/aws/settings.ts';
import type { Signer } from '../../src/ports.ts';
import { type AwsProcess, onceFor, PATIENCE, whereOf } from './process.ts';

type SigningKeyName = 'LANE_AUTHORITY_KEY' | 'CHECKPOINT_KEY' | 'WITNESS_KEY' | 'CAPABILITY_KEY';

const kms = onceFor(({ settings, tracer }) =>
  spanned(new KMSClient({ ...whereOf(settings), requestHandler: PATIENCE }), tracer),
);

/** Throws STORE_UNAVAILABLE when KMS does not answer. */
export const signerOf = (process: AwsProcess, name: SigningKeyName): Promise<Signer> =>
  openKmsSigner(kms(process), need(process.settings, name));

/** The 32 bytes under which subjects become pseudonyms: the same in every function, stored nowhere. Throws likewise. */
export const pseudonymKeyOf = (process: AwsProcess): Promise<Uint8Array> =>
  deriveKmsSecret(kms(process), need(process.settings, 'PSEUDONYM_KEY'), 'chancery pseudonyms, 1');
