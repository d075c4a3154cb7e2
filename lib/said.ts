/** What `-c key=value` may say: a key that nobody reads would be taken for a setting and change nothing. */
import { nearest } from '../src/basics/nearest.ts';

const KEYS = [
  'env',
  'account',
  'region',
  'issuer',
  'audience',
  'jwks',
  'deployEndpoint',
  'commit',
  'docs',
  'concurrency',
  'origins',
  'version',
  'stand-in',
] as const;
export type SaidKey = (typeof KEYS)[number];

/** CDK's own keys have a colon or a scope in them: `aws:cdk:…`, `@aws-cdk/…`, `availability-zones:…`. */
const isOfCdk = (key: string): boolean => /[:@/]/.test(key);

/** Throws on a key that is not ours, and names the nearest that is. */
export function checkSaid(context: Readonly<Record<string, unknown>>): void {
  const known: readonly string[] = KEYS;
  for (const key of Object.keys(context)) {
    if (known.includes(key) || isOfCdk(key)) continue;
    const meant = nearest(key, known);
    throw new Error(
      `-c ${key}: there is no such setting${meant === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${meant}?`}`,
    );
  }
}
