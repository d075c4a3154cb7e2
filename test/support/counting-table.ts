/** A store that counts its operations: what a path costs, whatever the machine. */
import type { Blobs, Table } from '../../src/ports.ts';

export interface Counting {
  /** Operations since the last call, by method. */
  counts(): Readonly<Record<string, number>>;
  /** All of them. */
  total(): number;
}
export type CountingTable = Table & Counting;

export const countingTable = (inner: Table): CountingTable => counting(inner);
export const countingBlobs = (inner: Blobs): Blobs & Counting => counting(inner);

function counting<Store extends object>(inner: Store): Store & Counting {
  let counts: Record<string, number> = {};
  const take = (): Record<string, number> => {
    const taken = counts;
    counts = {};
    return taken;
  };
  return new Proxy(Object.create(inner) as Store & Counting, {
    get(_, method) {
      if (method === 'counts') return take;
      if (method === 'total') return () => Object.values(take()).reduce((sum, count) => sum + count, 0);
      const value: unknown = Reflect.get(inner, method);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        const name = String(method);
        counts[name] = (counts[name] ?? 0) + 1;
        return value.apply(inner, given);
      };
    },
  });
}
