import { describe, expect, it } from 'vitest';
import { knownIssuers } from '../../src/identity/issuers.ts';

const A = { issuer: 'https://a.example.org', name: 'a' };
const B = { issuer: 'https://b.example.org', name: 'b' };

describe('the issuers of the settings', () => {
  it.each([
    ['share a name', [A, { ...B, name: 'a' }], 'the name a'],
    ['share an iss', [A, { ...B, issuer: A.issuer }], `the issuer ${A.issuer}`],
    ['are called as another’s iss', [{ ...A, name: B.issuer }, B], `is called ${B.issuer}`],
    [
      'have two homes',
      [
        { ...A, home: true },
        { ...B, home: true },
      ],
      'only one issuer can be home',
    ],
  ])('are refused when they %s', (_, issuers, said) => {
    expect(() => knownIssuers(issuers)).toThrow(said);
  });

  it('may each be called by their own iss', () => {
    expect(knownIssuers([{ ...A, name: A.issuer }, B]).names).toEqual([A.issuer, 'b']);
  });
});
