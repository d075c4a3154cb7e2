import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readAwsSettings } from '../../adapters/aws/settings.ts';
import { gateEnvironment } from '../../bench/gate-environment.ts';
import { pseudonymKeyOf, signerOf } from '../../lambdas/shared/keys.ts';
import { askAhead } from '../../lambdas/shared/keys-ahead.ts';
import { type AwsProcess, awsProcess } from '../../lambdas/shared/process.ts';

const key = generateKeyPairSync('ed25519').publicKey;
const ANSWERS: Readonly<Record<string, object>> = {
  'TrentService.GetPublicKey': {
    PublicKey: key.export({ format: 'der', type: 'spki' }).toString('base64'),
  },
  'TrentService.GenerateMac': { Mac: Buffer.alloc(32, 5).toString('base64') },
};
const raw = new Uint8Array(Buffer.from(String(key.export({ format: 'jwk' }).x), 'base64url'));

describe('keys that are asked for before a function is loaded', () => {
  let kms: Server;
  let asked: string[];
  let refused: boolean;
  let environment: Readonly<Record<string, string>>;
  let gate: AwsProcess;

  beforeEach(async () => {
    asked = [];
    refused = false;
    kms = createServer((request, response) => {
      const target = String(request.headers['x-amz-target']);
      asked.push(target);
      request.resume();
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (refused) response.writeHead(400).end('{"__type":"AccessDeniedException","message":"not you"}');
      else response.end(JSON.stringify(ANSWERS[target]));
    });
    await new Promise<void>((listening) => kms.listen(0, '127.0.0.1', listening));
    environment = gateEnvironment({
      folder: '.',
      aws: `http://127.0.0.1:${(kms.address() as AddressInfo).port}`,
      issuer: { issuer: 'https://issuer.example', audience: 'test', jwksUri: 'https://issuer.example/jwks' },
    });
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'none');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
    gate = awsProcess(readAwsSettings(environment));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    kms.closeAllConnections();
    kms.close();
  });

  it('are the ones that the function gets, and KMS is asked once', async () => {
    askAhead(['LANE_AUTHORITY_KEY', 'CAPABILITY_KEY'], environment);
    const signers = [signerOf(gate, 'LANE_AUTHORITY_KEY'), signerOf(gate, 'CAPABILITY_KEY')];
    for (const { publicKey } of await Promise.all(signers)) expect(publicKey).toEqual(raw);
    expect(await pseudonymKeyOf(gate)).toEqual(new Uint8Array(32).fill(5));
    expect(asked.toSorted()).toEqual([
      'TrentService.GenerateMac',
      'TrentService.GetPublicKey',
      'TrentService.GetPublicKey',
    ]);
  });

  it('are asked for anew by the next try where KMS refused the first', async () => {
    refused = true;
    askAhead(['LANE_AUTHORITY_KEY'], environment);
    await expect(signerOf(gate, 'LANE_AUTHORITY_KEY')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause: { name: 'AccessDeniedException' },
    });
    await expect(pseudonymKeyOf(gate)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    refused = false;
    expect((await signerOf(gate, 'LANE_AUTHORITY_KEY')).publicKey).toEqual(raw);
    expect(await pseudonymKeyOf(gate)).toEqual(new Uint8Array(32).fill(5));
  });

  it('are not missed where the environment names none: the settings say what is wrong', async () => {
    const { LANE_AUTHORITY_KEY: _, AWS_REGION: __, ...less } = environment;
    askAhead(['LANE_AUTHORITY_KEY'], less);
    expect(asked).toEqual([]);
    expect(() => readAwsSettings(less)).toThrow(/AWS_REGION/);
  });

  it('are asked for by themselves where nothing was asked before', async () => {
    expect((await signerOf(gate, 'CAPABILITY_KEY')).publicKey).toEqual(raw);
    expect(asked).toEqual(['TrentService.GetPublicKey']);
  });
});
