/**
 * What many audit logs do: one chain of hashes in a table, each record naming the one before it, and a verifier
 * that walks it. Here to show, attack by attack, what that misses.
 */
import { hash } from 'node:crypto';

export interface NaiveRecord {
  body: string;
  prev: string;
  hash: string;
}

const sha = (text: string): string => hash('sha256', text, 'hex');
const link = (body: string, prev: string): NaiveRecord => ({ body, prev, hash: sha(prev + body) });

export function naiveChain(bodies: readonly string[]): NaiveRecord[] {
  const chain: NaiveRecord[] = [];
  for (const body of bodies) chain.push(link(body, chain.at(-1)?.hash ?? ''));
  return chain;
}

/** Recomputes every hash and every link. */
export function naiveVerify(chain: readonly NaiveRecord[]): 'intact' | 'broken' {
  return chain.every(
    ({ body, prev, hash: own }, at) => prev === (chain[at - 1]?.hash ?? '') && own === sha(prev + body),
  )
    ? 'intact'
    : 'broken';
}

/** Whoever can write to the table can do this: nothing in the chain is secret. */
export const rehash = (chain: readonly NaiveRecord[]): NaiveRecord[] =>
  naiveChain(chain.map(({ body }) => body));

/** A Merkle root that pairs hashes and doubles an odd one, as some checkpoints do (CVE-2012-2459). */
export function naiveRoot(leaves: readonly string[]): string {
  if (leaves.length <= 1) return leaves[0] ?? '';
  const pairs: string[] = [];
  for (let at = 0; at < leaves.length; at += 2)
    pairs.push(sha(`${leaves[at]}${leaves[at + 1] ?? leaves[at]}`));
  return naiveRoot(pairs);
}
