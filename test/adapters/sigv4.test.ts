import { describe, expect, it } from 'vitest';
import { signer } from '../../adapters/aws/sigv4.ts';

/** The published AWS Signature Version 4 test suite: its credentials, date, region, service and signatures. */
const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const AT = new Date('2015-08-30T12:36:00Z');
const HOST = 'https://example.amazonaws.com';

const VECTORS: readonly (readonly [string, string, string, Record<string, string>, string])[] = [
  ['get-vanilla', 'GET', '/', {}, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', 'POST', '/', {}, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    {},
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-utf8-query',
    'GET',
    '/?ሴ=bar',
    {},
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'get-unreserved',
    'GET',
    '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    {},
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  [
    'get-header-key-duplicate',
    'GET',
    '/',
    { 'my-header1': 'value2,value2,value1' },
    'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  ],
  [
    'get-header-value-multiline',
    'GET',
    '/',
    { 'my-header1': 'value1,value2,value3' },
    'ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790',
  ],
  [
    'post-header-key-sort',
    'POST',
    '/',
    { 'My-Header1': 'value1' },
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  ],
];

describe('Signature Version 4', () => {
  const sign = signer('service', 'us-east-1', async () => CREDENTIALS);

  it.each(VECTORS)('%s is signed as published', async (_, method, path, headers, signature) => {
    const signed = await sign({ method, url: `${HOST}${path}`, headers }, AT);
    expect(signed.authorization).toContain('Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request');
    expect(signed.authorization?.split('Signature=')[1]).toBe(signature);
    expect(signed['x-amz-date']).toBe('20150830T123600Z');
  });

  it('signs the session token of a role', async () => {
    const sessionToken = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267';
    const ofRole = signer('service', 'us-east-1', async () => ({ ...CREDENTIALS, sessionToken }));
    const signed = await ofRole({ method: 'GET', url: `${HOST}/`, headers: {} }, AT);
    expect(signed.authorization?.split('Signature=')[1]).toBe(
      '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
    );
    expect(signed['x-amz-security-token']).toBe(sessionToken);
  });

  it('covers the body: one changed byte, another signature', async () => {
    const body = new Uint8Array([1, 2, 3]);
    const one = await sign({ method: 'POST', url: `${HOST}/`, headers: {}, body }, AT);
    const other = await sign(
      { method: 'POST', url: `${HOST}/`, headers: {}, body: new Uint8Array([1, 2, 4]) },
      AT,
    );
    expect(one.authorization).not.toBe(other.authorization);
  });
});
