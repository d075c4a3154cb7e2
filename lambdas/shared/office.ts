/** The office over the world of a deployed function: the same one that the local runtime opens. */
import { join } from 'node:path';
import { MAX_MERGE_DELAY_SECONDS } from '../../adapters/aws/kms-trust.ts';
import { need } from '../../adapters/aws/settings.ts';
import { createSfnClient, sfnEngine } from '../../adapters/aws/sfn-engine.ts';
import { readCharter, readWorkflows } from '../../adapters/bundled-files.ts';
import { type OpenOffice, openOffice } from '../../src/office/office.ts';
import type { Blobs, Engine, Signer } from '../../src/ports.ts';
import { type AwsWorld, starting } from './world.ts';

/** Opens this environment's lane. Throws when charter or workflows do not load, or the ledger does not open. */
export const openAwsOffice = (world: AwsWorld): Promise<OpenOffice> => starting(world, () => open(world));

async function open(world: AwsWorld): Promise<OpenOffice> {
  const { settings } = world;
  const began = performance.now();
  const shipped = readCharter(join(settings.LAMBDA_TASK_ROOT, 'charter'));
  const shipped_ms = performance.now() - began;
  return openOffice(
    {
      ...world,
      ledgerTable: world.table('LEDGER_TABLE'),
      state: world.table('STATE_TABLE'),
      subjects: world.table('SUBJECT_KEYS_TABLE'),
      documents: settings.DOCUMENTS_BUCKET ? world.blobs('DOCUMENTS_BUCKET') : noDocuments,
      authority: await world.signer('LANE_AUTHORITY_KEY'),
      capabilityKey: settings.CAPABILITY_KEY
        ? await world.signer('CAPABILITY_KEY')
        : withoutRight('sign capabilities'),
      pseudonymKey: await world.pseudonymKey(),
      issuers: world.issuers,
      origin: need(settings, 'LOG_ORIGIN'),
      code: `chancery@${settings.CODE_VERSION}`,
      region: settings.AWS_REGION,
      max_merge_delay_seconds: MAX_MERGE_DELAY_SECONDS,
      workflows: readWorkflows(join(settings.LAMBDA_TASK_ROOT, 'workflows')),
      shipped,
      shipped_ms,
    },
    () => engineOf(world),
  );
}

/** A function without the right to start workflows has no engine: what would need one is not mounted on it. */
function engineOf({ settings }: AwsWorld): Engine {
  const prefix = settings.STATE_MACHINE_PREFIX;
  if (prefix === undefined) {
    return {
      run: async () => {
        throw new Error(`${settings.CHANCERY_FUNCTION} may not start workflows`);
      },
    };
  }
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = settings;
  return sfnEngine(createSfnClient({ region, ...(endpoint ? { endpoint } : {}) }), prefix);
}

/** For a function that may not sign with a key: whatever would need it is not mounted on it. */
function withoutRight(what: string): Signer {
  return { publicKey: new Uint8Array(32), sign: () => refuse(what) };
}

/** Likewise for documents. */
const noDocuments: Blobs = {
  get: () => refuse('read documents'),
  put: () => refuse('store documents'),
  list: () => {
    throw new Error('this function may not list documents');
  },
  remove: () => refuse('remove documents'),
};

const refuse = (what: string) => Promise.reject(new Error(`this function may not ${what}`));
