/**
 * Keys that are asked of KMS before the rest of a function is loaded, which takes as long as KMS does. They are what `keys.ts` gives
 * first; a start that is tried again asks anew. Nothing of it reads the settings: who does says what is wrong with them.
 */
import { KMSClient } from '@aws-sdk/client-kms';
import { deriveKmsSecret } from '../../adapters/aws/kms-secret.ts';
import { openKmsSigner } from '../../adapters/aws/kms-signer.ts';
import type { Signer } from '../../src/ports.ts';
import { PATIENCE } from './patience.ts';

export type SigningKeyName = 'LANE_AUTHORITY_KEY' | 'CHECKPOINT_KEY' | 'WITNESS_KEY' | 'CAPABILITY_KEY';

/** What the secret is of that makes pseudonyms of subjects. */
export const PSEUDONYMS = 'chancery pseudonyms, 1';

interface Ahead {
  client?: KMSClient | undefined;
  readonly signers: Map<SigningKeyName, Promise<Signer>>;
  pseudonymKey?: Promise<Uint8Array> | undefined;
}
let ahead: Ahead | undefined;

/** Asks for these and for the pseudonym key, where the environment names them. What KMS refuses is told by who takes the key. */
export function askAhead(
  names: readonly SigningKeyName[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): void {
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint, PSEUDONYM_KEY: pseudonyms } = environment;
  if (!region) return;
  const client = new KMSClient({ region, ...(endpoint ? { endpoint } : {}), requestHandler: PATIENCE });
  const under = <Answer>(answer: Promise<Answer>): Promise<Answer> => {
    // Nobody may come for it: settings that are wrong end the start before.
    answer.catch(() => undefined);
    return answer;
  };
  const signers = new Map<SigningKeyName, Promise<Signer>>();
  for (const name of names) {
    const id = environment[name];
    if (id) signers.set(name, under(openKmsSigner(client, id)));
  }
  ahead = {
    client,
    signers,
    pseudonymKey: pseudonyms ? under(deriveKmsSecret(client, pseudonyms, PSEUDONYMS)) : undefined,
  };
}

/** The client that asked, whose connections are open. Once, as all of it. */
export function takeClient(): KMSClient | undefined {
  const client = ahead?.client;
  if (ahead) ahead.client = undefined;
  return client;
}

export function takeSigner(name: SigningKeyName): Promise<Signer> | undefined {
  const asked = ahead?.signers.get(name);
  ahead?.signers.delete(name);
  return asked;
}

export function takePseudonymKey(): Promise<Uint8Array> | undefined {
  const asked = ahead?.pseudonymKey;
  if (ahead) ahead.pseudonymKey = undefined;
  return asked;
}
