/**
 * From files to a charter, or to the complete list of what is wrong with them. A bundle is parsed, checked
 * for meaning, and only then prepared: nothing half right ever judges.
 */
import { digestJson } from '../basics/digest.ts';
import type { Problem } from '../basics/problem.ts';
import { type ReadYaml, readYaml, type YamlFile } from '../basics/yaml.ts';
import type { Json } from '../json.ts';
import { beyondBounds } from './bounds.ts';
import { type CedarAnswers, NO_ANSWERS } from './cedar-answers.ts';
import { checkPolicies } from './cedar-checks.ts';
import type { Charter } from './charter.ts';
import { checkMeaning } from './checks.ts';
import { DOCUMENTS, type DocumentName, type Documents } from './documents.ts';
import { type PolicyEngine, prepare, prepareInSteps } from './engine.ts';
import { type Policy, readPolicies } from './policies.ts';
import { type CharterSchema, readSchema } from './schema.ts';
import { shapeOf } from './shape.ts';

const SCHEMA = 'schema.cedarschema';

/** A charter that is read and checked, and not prepared: plain data, which can come from another thread. */
export type WrittenCharter = Omit<Charter, 'engine'>;

export type ReadBundle =
  | { readonly ok: true; readonly charter: WrittenCharter }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type ParsedBundle =
  | { readonly ok: true; readonly charter: Charter }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads and prepares; in this thread, for as long as it takes. */
export function parseBundle(files: ReadonlyMap<string, string>): ParsedBundle {
  const read = readBundle(files);
  return read.ok ? { ok: true, charter: prepared(read.charter) } : read;
}

/** What judges by these policies, once it is prepared. */
const engines = new WeakMap<readonly Policy[], PolicyEngine>();

/**
 * What judges, prepared when it is first asked: half a second for the largest bundle that may be, and most drafts are
 * only looked at. Asking for its engine throws when a policy does not parse, which in a charter that was read none does.
 */
export function prepared(charter: WrittenCharter): Charter {
  return {
    ...charter,
    get engine() {
      const engine = engines.get(charter.policies) ?? prepare(charter.policies, charter.schema);
      engines.set(charter.policies, engine);
      return engine;
    },
  };
}

/** Prepares what judges before it is asked, and lets others go on meanwhile. Throws what asking for it would. */
export async function prepareBeforehand(charter: Charter, pause: () => Promise<unknown>): Promise<void> {
  const { policies, schema } = charter;
  if (!engines.has(policies)) engines.set(policies, await prepareInSteps(policies, schema, pause));
}

/**
 * @param files path inside the bundle → text: the documents, `schema.cedarschema`, `policies/*.cedar`; `tests/` is
 *   left alone
 * @param known what Cedar is not asked again
 * @param yaml how its documents are read
 */
export function readBundle(
  files: ReadonlyMap<string, string>,
  known = NO_ANSWERS,
  yaml: ReadYaml = readYaml,
): ReadBundle {
  const bundle = new Map([...files].filter(([name]) => !name.startsWith('tests/')).sort(byName));
  const beyond = beyondBounds(bundle);
  if (beyond.length > 0) return { ok: false, problems: beyond };
  const { documents, sources, problems } = readDocuments(bundle, yaml);
  const { policies, problems: policyProblems } = readPolicyFiles(bundle, known);
  problems.push(...unknownFiles(bundle), ...policyProblems);

  const schema = readSchemaFile(bundle, known, problems);
  if (documents !== undefined) problems.push(...checkMeaning(documents, sources));
  if (schema !== undefined) problems.push(...checkPolicies(policies, schema, documents, known));
  if (problems.length > 0 || documents === undefined || schema === undefined) {
    return { ok: false, problems: inOrder(problems) };
  }
  return { ok: true, charter: assemble(documents, policies, schema, bundle) };
}

function readDocuments(files: ReadonlyMap<string, string>, asYaml: ReadYaml) {
  const problems: Problem[] = [];
  const sources = new Map<DocumentName, YamlFile>();
  const found: { [Name in DocumentName]?: Documents[Name] } = {};
  const read = <Name extends DocumentName>(name: Name): void => {
    const text = files.get(name);
    if (text === undefined) {
      problems.push(missing(name));
      return;
    }
    const yaml = asYaml(name, text);
    sources.set(name, yaml);
    const shaped = shapeOf<unknown>(name, yaml, DOCUMENTS[name]);
    problems.push(...shaped.problems);
    if (shaped.problems.length === 0) Object.assign(found, { [name]: shaped.value });
  };
  for (const name of documentNames()) read(name);
  return { documents: isComplete(found) ? found : undefined, sources, problems };
}

function isComplete(found: { [Name in DocumentName]?: Documents[Name] }): found is Documents {
  return documentNames().every((name) => found[name] !== undefined);
}

function documentNames(): DocumentName[] {
  return Object.keys(DOCUMENTS).filter((name): name is DocumentName => name in DOCUMENTS);
}

function readPolicyFiles(files: ReadonlyMap<string, string>, known: CedarAnswers) {
  const policies: Policy[] = [];
  const problems: Problem[] = [];
  for (const [name, text] of files) {
    if (!isPolicyFile(name)) continue;
    const read = readPolicies(name, text, known);
    problems.push(...read.problems);
    for (const policy of read.policies) {
      const other = policies.find(({ id }) => id === policy.id);
      if (other === undefined) policies.push(policy);
      else {
        problems.push({
          file: name,
          ...policy.place,
          code: 'duplicate_policy_id',
          message: `"${policy.id}" is also the id of the policy at ${other.file}:${other.place.line}`,
          fix: 'Give each policy an id of its own.',
        });
      }
    }
  }
  // An empty charter would deny everything; it is refused because nobody means it.
  if (policies.length === 0 && problems.length === 0) {
    problems.push({
      file: 'policies/',
      line: 1,
      column: 1,
      code: 'no_policies',
      message: 'the bundle has no policies, so it would deny everything',
      fix: 'Add policies/*.cedar with at least one permit.',
    });
  }
  return { policies, problems };
}

function readSchemaFile(
  files: ReadonlyMap<string, string>,
  known: CedarAnswers,
  problems: Problem[],
): CharterSchema | undefined {
  const text = files.get(SCHEMA);
  if (text === undefined) {
    problems.push(missing(SCHEMA));
    return undefined;
  }
  const read = readSchema(SCHEMA, text, known);
  if (read.ok) return read.schema;
  problems.push(...read.problems);
  return undefined;
}

function unknownFiles(files: ReadonlyMap<string, string>): Problem[] {
  return [...files.keys()]
    .filter((name) => !(name in DOCUMENTS) && name !== SCHEMA && !isPolicyFile(name))
    .map((file) => ({
      file,
      line: 1,
      column: 1,
      code: 'unknown_file',
      message: `${file} is not part of a bundle`,
      fix: 'Remove it, or correct its name.',
    }));
}

function assemble(
  documents: Documents,
  policies: readonly Policy[],
  schema: CharterSchema,
  files: ReadonlyMap<string, string>,
): WrittenCharter {
  const { name, version, status } = documents['charter.yaml'];
  const content = {
    documents,
    schema: schema.json,
    policies: Object.fromEntries(policies.map((policy) => [policy.id, policy.json])),
  };
  return {
    name,
    version,
    status,
    digest: digestJson(toJson(content)),
    documents,
    policies,
    schema,
    roles: new Map(Object.entries(documents['roles.yaml'].roles)),
    files,
  };
}

/** Parsed documents are plain data; a round trip drops members that are undefined. */
function toJson(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}

function isPolicyFile(name: string): boolean {
  return /^policies\/[a-zA-Z0-9_-]+\.cedar$/.test(name);
}

function missing(file: string): Problem {
  return {
    file,
    line: 1,
    column: 1,
    code: 'missing_file',
    message: `the bundle has no ${file}`,
    fix: `Add ${file}; docs/charter.md says what stands in it.`,
  };
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1,
  );
}
