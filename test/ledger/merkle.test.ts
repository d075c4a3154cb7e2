import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../src/ledger/bytes.ts';
import {
  consistencyProof,
  Edge,
  EMPTY_ROOT,
  inclusionProof,
  leafHash,
  nodeHash,
  rangeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../src/ledger/tree/merkle.ts';
import { TileTree } from '../../src/ledger/tree/tile-tree.ts';
import { bundlePath, decodeBundle, encodeBundle, tileNodes, tilePath } from '../../src/ledger/tree/tiles.ts';
import { memoryBlobs } from './blobs.ts';

/** The entries of RFC 6962's test tree in Certificate Transparency's own reference code, and its roots. */
const ENTRIES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const leaves = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => new Uint8Array(hash('sha256', `leaf ${index}`, 'buffer')));

/** MTH of RFC 6962 §2.1, word for word and slow. */
function reference(list: readonly Uint8Array[]): Uint8Array {
  const [first] = list;
  if (first === undefined) return EMPTY_ROOT;
  if (list.length === 1) return first;
  let k = 1;
  while (2 * k < list.length) k *= 2;
  return nodeHash(reference(list.slice(0, k)), reference(list.slice(k)));
}

const readerOf = (list: readonly Uint8Array[]) => async (level: number, index: number) =>
  reference(list.slice(index * 2 ** level, (index + 1) * 2 ** level));

describe('the tree', () => {
  it('has the roots of the published RFC 6962 vectors', () => {
    const edge = new Edge();
    expect(hex(edge.root())).toBe(ROOTS[0]);
    ENTRIES.forEach((entry, index) => {
      edge.append(leafHash(Buffer.from(entry, 'hex')));
      expect(hex(edge.root())).toBe(ROOTS[index + 1]);
    });
  });

  it('does not give [a,b,c] and [a,b,c,c] one root', () => {
    const [a, b, c] = leaves(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three leaves');
    expect(hex(reference([a, b, c]))).not.toBe(hex(reference([a, b, c, c])));
  });

  it('proves inclusion of any leaf, and of no other leaf, place or size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), async (size, at, other) => {
        const list = leaves(size + 1);
        const index = at % size;
        const root = reference(list.slice(0, size));
        const proof = await inclusionProof(readerOf(list.slice(0, size)), index, size);
        const leaf = list[index] ?? EMPTY_ROOT;
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(list[size] ?? EMPTY_ROOT, index, size, proof, root)).toBe(false);
        const wrong = other % (size + 2);
        if (wrong !== index) expect(verifyInclusion(leaf, wrong, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, [...proof, root], root)).toBe(false);
        if (proof.length > 0) expect(verifyInclusion(leaf, index, size, proof.slice(1), root)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it('proves that any tree extends any of its prefixes, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 70 }), fc.nat(), async (size, at) => {
        const list = leaves(size);
        const old = at % (size + 1);
        const [oldRoot, root] = [reference(list.slice(0, old)), reference(list)];
        const proof = await consistencyProof(readerOf(list), old, size);
        expect(verifyConsistency(old, oldRoot, size, root, proof)).toBe(true);
        expect(verifyConsistency(old, leafHash(oldRoot), size, root, proof)).toBe(false);
        expect(verifyConsistency(old, oldRoot, size, leafHash(root), proof)).toBe(old === 0 && size > 0);
        expect(verifyConsistency(old, oldRoot, size, root, [...proof, root])).toBe(false);
        if (size > old) expect(verifyConsistency(size, root, old, oldRoot, proof)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe('tiles', () => {
  it('have the paths of the specification', () => {
    expect(tilePath(0, 0, 1)).toBe('tile/0/000.p/1');
    expect(tilePath(1, 1_234_067, 256)).toBe('tile/1/x001/x234/067');
    expect(bundlePath(1_000, 255)).toBe('tile/entries/x001/000.p/255');
  });

  it('hold entries behind two-byte lengths, and notice lengths that do not add up', () => {
    const entries = [new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(65_535).fill(7)];
    const bundle = encodeBundle(entries);
    expect(decodeBundle(bundle)).toEqual(entries);
    expect(decodeBundle(bundle.subarray(0, -1))).toBeUndefined();
    expect(decodeBundle(Uint8Array.of(0))).toBeUndefined();
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(RangeError);
  });

  it('give the same tree whether grown at once or in steps with reloads between', async () => {
    const entries = Array.from({ length: 1_500 }, (_, index) => new TextEncoder().encode(`entry ${index}`));
    const all = entries.map(leafHash);
    const steps = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(steps, async (sizes) => {
        const blobs = memoryBlobs();
        let tree = new TileTree();
        for (const size of sizes) {
          const end = Math.min(entries.length, tree.size + size);
          for (const entry of entries.slice(tree.size, end)) tree.append(entry);
          for (const { path, bytes } of tree.takeFiles()) await blobs.put(path, bytes);
          expect(hex(tree.root())).toBe(hex(reference(all.slice(0, end))));
          tree = await TileTree.load(blobs, end);
          expect(hex(tree.root())).toBe(hex(reference(all.slice(0, end))));
          const nodes = tileNodes(blobs, end);
          expect(hex(await rangeRoot(nodes, 0, end))).toBe(hex(tree.root()));
          const proof = await inclusionProof(nodes, end - 1, end);
          expect(verifyInclusion(all[end - 1] ?? EMPTY_ROOT, end - 1, end, proof, tree.root())).toBe(true);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('reach the second level: 70,000 entries have the root that the definition gives', async () => {
    const blobs = memoryBlobs();
    const tree = new TileTree();
    const edge = new Edge();
    for (let index = 0; index < 70_000; index += 1) {
      const entry = new TextEncoder().encode(`${index}`);
      tree.append(entry);
      edge.append(leafHash(entry));
    }
    for (const { path, bytes } of tree.takeFiles()) await blobs.put(path, bytes);
    expect(hex(tree.root())).toBe(hex(edge.root()));
    expect(hex((await TileTree.load(blobs, 70_000)).root())).toBe(hex(edge.root()));
    expect(hex(await rangeRoot(tileNodes(blobs, 70_000), 0, 70_000))).toBe(hex(edge.root()));
  });
});
