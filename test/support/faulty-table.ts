/** A `Table` that fails as planned and counts what it is asked: for tests of everything above the store. */
import { ChanceryError } from '../../src/errors.ts';
import type { Attributes, Condition, Item, Page, PutResult, Range, Slot, Table } from '../../src/ports.ts';

export type Operation = 'get' | 'put' | 'putRun' | 'query' | 'add' | 'merge' | 'remove';

/**
 * - `before`: fails, nothing was stored.
 * - `after`: everything was stored, then the answer was lost.
 * - `partway`: of a run, the first half was stored, then it failed (a plain put: like `before`).
 */
export type Fault = 'before' | 'after' | 'partway';

export interface Call {
  readonly operation: Operation;
  readonly pk: string;
  /** Sort key; of a run, that of its first item. */
  readonly sk: string;
  /** Items sent or asked for by this call: the length of a run, else 1. */
  readonly items: number;
}

interface Plan {
  readonly operation: Operation;
  readonly fault: Fault;
  readonly matches: (call: Call) => boolean;
  skip: number;
  times: number;
}

export class FaultyTable implements Table {
  readonly calls: Call[] = [];
  readonly #inner: Table;
  #plans: Plan[] = [];

  constructor(inner: Table) {
    this.#inner = inner;
  }

  /** Fails the next `times` (1) matching calls after `skip` (0) of them went through. Plans are used in order. */
  fail(
    operation: Operation,
    fault: Fault,
    options: { skip?: number; times?: number; matches?: (call: Call) => boolean } = {},
  ): this {
    const { skip = 0, times = 1, matches = () => true } = options;
    this.#plans.push({ operation, fault, matches, skip, times });
    return this;
  }

  /** Every call of every operation fails with `fault` until `heal`. */
  down(fault: Fault = 'before'): this {
    const operations: Operation[] = ['get', 'put', 'putRun', 'query', 'add', 'merge', 'remove'];
    for (const operation of operations) this.fail(operation, fault, { times: Number.POSITIVE_INFINITY });
    return this;
  }

  heal(): this {
    this.#plans = [];
    return this;
  }

  /** Faults that were planned and not met: a test that expects them all should find none left. */
  get unmet(): number {
    return this.#plans.reduce((sum, plan) => sum + plan.times, 0);
  }

  /** Round trips since the last `forget`, by operation. */
  get trips(): Record<Operation, number> {
    const trips = { get: 0, put: 0, putRun: 0, query: 0, add: 0, merge: 0, remove: 0 };
    for (const { operation } of this.calls) trips[operation] += 1;
    return trips;
  }

  forget(): this {
    this.calls.length = 0;
    return this;
  }

  get(pk: string, sk: string): Promise<Item | undefined> {
    return this.#through({ operation: 'get', pk, sk, items: 1 }, () => this.#inner.get(pk, sk));
  }

  put(item: Item, condition: Condition): Promise<PutResult> {
    return this.#through({ operation: 'put', pk: item.pk, sk: item.sk, items: 1 }, () =>
      this.#inner.put(item, condition),
    );
  }

  putRun(items: readonly Item[]): Promise<PutResult> {
    const call: Call = {
      operation: 'putRun',
      pk: items[0]?.pk ?? '',
      sk: items[0]?.sk ?? '',
      items: items.length,
    };
    const half = () => this.#inner.putRun(items.slice(0, Math.ceil(items.length / 2)));
    return this.#through(call, () => this.#inner.putRun(items), half);
  }

  query(pk: string, range: Range = {}): Promise<Page> {
    return this.#through({ operation: 'query', pk, sk: range.after ?? range.from ?? '', items: 1 }, () =>
      this.#inner.query(pk, range),
    );
  }

  add(pk: string, sk: string, slots: readonly Slot[]): Promise<Item> {
    return this.#through({ operation: 'add', pk, sk, items: 1 }, () => this.#inner.add(pk, sk, slots));
  }

  merge(pk: string, sk: string, attributes: Attributes): Promise<Item> {
    return this.#through({ operation: 'merge', pk, sk, items: 1 }, () =>
      this.#inner.merge(pk, sk, attributes),
    );
  }

  remove(pk: string, sk: string, condition?: { readonly version: number }): Promise<void> {
    return this.#through({ operation: 'remove', pk, sk, items: 1 }, () =>
      this.#inner.remove(pk, sk, condition),
    );
  }

  async #through<T>(call: Call, work: () => Promise<T>, partly?: () => Promise<unknown>): Promise<T> {
    this.calls.push(call);
    const fault = this.#planned(call);
    if (fault === undefined) return work();
    if (fault === 'after') await work();
    if (fault === 'partway') await partly?.();
    throw new ChanceryError('STORE_UNAVAILABLE', `injected: ${call.operation} fails, ${fault}`);
  }

  #planned(call: Call): Fault | undefined {
    const plan = this.#plans.find(({ operation, matches }) => operation === call.operation && matches(call));
    if (plan === undefined) return undefined;
    if (plan.skip > 0) {
      plan.skip -= 1;
      return undefined;
    }
    plan.times -= 1;
    if (plan.times === 0) this.#plans = this.#plans.filter((other) => other !== plan);
    return plan.fault;
  }
}
