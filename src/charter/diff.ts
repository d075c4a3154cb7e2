/**
 * How two charters differ by meaning: keys, list entries by their names, policies and schema by their parsed
 * form. Comments, order and layout make no difference; a changed threshold does.
 */
import { canonicalJson } from '../basics/canonical.ts';
import type { Json } from '../json.ts';
import type { WrittenCharter } from './bundle.ts';

export interface Difference {
  /** `roles.yaml/roles/operator/scopes/ledger:read`, `policy/agent-drafts`, `schema/…`. */
  readonly what: string;
  readonly from?: Json;
  readonly to?: Json;
}

export interface CharterDiff {
  readonly added: readonly Difference[];
  readonly removed: readonly Difference[];
  readonly changed: readonly Difference[];
}

export function diffCharters(before: WrittenCharter, after: WrittenCharter): CharterDiff {
  const found = { added: [] as Difference[], removed: [] as Difference[], changed: [] as Difference[] };
  compare('', contentOf(before), contentOf(after), found);
  return found;
}

export function isEmpty({ added, removed, changed }: CharterDiff): boolean {
  return added.length + removed.length + changed.length === 0;
}

function contentOf(charter: WrittenCharter): Json {
  const policies = Object.fromEntries(
    charter.policies.map(({ id, json }) => {
      const { id: _, ...annotations } = json.annotations ?? {};
      return [id, { ...json, annotations }];
    }),
  );
  const json: Json = JSON.parse(
    JSON.stringify({ ...charter.documents, policy: policies, schema: charter.schema.json }),
  );
  return json;
}

type Found = { readonly [Kind in keyof CharterDiff]: Difference[] };

function compare(path: string, before: Json, after: Json, found: Found): void {
  // A policy or a type is one thing to its reader: its inner tree would only blur what happened.
  const whole = /^policy\/[^/]+$/.test(path) || /^schema\/[^/]+\/[^/]+\/[^/]+$/.test(path);
  const left = whole ? undefined : entries(before);
  const right = whole ? undefined : entries(after);
  if (left === undefined || right === undefined || Array.isArray(before) !== Array.isArray(after)) {
    if (canonicalJson(before) !== canonicalJson(after))
      found.changed.push({ what: path, from: before, to: after });
    return;
  }
  for (const [name, value] of left) {
    const other = right.get(name);
    const at = path === '' ? name : `${path}/${name}`;
    if (other === undefined) found.removed.push({ what: at, from: value });
    else compare(at, value, other, found);
  }
  for (const [name, value] of right) {
    if (!left.has(name)) found.added.push({ what: path === '' ? name : `${path}/${name}`, to: value });
  }
}

/** Members by name. A list has names too: what its entries are called, or the entries themselves. */
function entries(value: Json): Map<string, Json> | undefined {
  if (Array.isArray(value)) return new Map(value.map((entry, index) => [nameOf(entry, index), entry]));
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => (inner === undefined ? [] : [[name, inner]])),
  );
}

const NAMES = ['id', 'name', 'level', 'workflow', 'risk', 'attempts'] as const;

function nameOf(entry: Json, index: number): string {
  if (typeof entry === 'string') return entry;
  if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) {
    for (const key of NAMES) {
      const name = entry[key];
      if (typeof name === 'string' || typeof name === 'number') return String(name);
    }
  }
  return String(index);
}
