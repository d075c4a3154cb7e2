/**
 * Finds what was measured before by its labels as they are given, one after another: a key put together of them would have to be made
 * and hashed for each measurement, of which a request makes a dozen.
 */
export class KnownCells<Cell> {
  readonly #metrics = new Map<string, { readonly names: readonly string[]; readonly first: Branch<Cell> }>();

  find(metric: string, labels: object): Cell | undefined {
    const known = this.#metrics.get(metric);
    let branch = known?.first;
    for (const name of known?.names ?? []) branch = branch?.next.get(Reflect.get(labels, name));
    return branch?.cell;
  }

  /** @param values under `names`, as they will be given again */
  keep(metric: string, names: readonly string[], values: readonly string[], cell: Cell): void {
    const { first } = this.#metrics.get(metric) ?? { first: newBranch<Cell>() };
    this.#metrics.set(metric, { names, first });
    let branch = first;
    for (const value of values) {
      const next = branch.next.get(value) ?? newBranch<Cell>();
      branch.next.set(value, next);
      branch = next;
    }
    branch.cell = cell;
  }

  clear(): void {
    this.#metrics.clear();
  }
}

interface Branch<Cell> {
  cell?: Cell;
  readonly next: Map<unknown, Branch<Cell>>;
}

const newBranch = <Cell>(): Branch<Cell> => ({ next: new Map() });
