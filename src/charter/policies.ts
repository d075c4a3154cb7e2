/**
 * Cedar policies of a bundle: cut out of their files so that each keeps its place, named by its `@id`, and
 * sorted by the actions that they can speak of.
 */
import type { PolicyJson, SourceLocation } from '@cedar-policy/cedar-wasm/nodejs';
import { sha256 } from '../basics/digest.ts';
import type { Problem } from '../basics/problem.ts';
import type { LinePlace } from '../basics/yaml.ts';
import { callCedar } from './cedar.ts';
import { type CedarAnswers, NO_ANSWERS } from './cedar-answers.ts';

export interface Policy {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly description: string;
  /** Action ids as the scope names them (groups not resolved); `all` when the scope names none. */
  readonly actions: 'all' | readonly string[];
  /** Id of the one resource that the scope names (`resource == …`). */
  readonly resource?: string;
  /** Its conditions as written, `when { … }`; absent when it has none. */
  readonly clause?: string;
  readonly text: string;
  readonly json: PolicyJson;
  readonly file: string;
  /** Where the text begins in the file. */
  readonly place: LinePlace;
}

/** Cuts a policy file into its policies. Understands strings and comments, and nothing else of Cedar. */
export function cut(source: string): { readonly text: string; readonly offset: number }[] {
  const pieces: { text: string; offset: number }[] = [];
  // A string, a comment, a semicolon, or any other one character.
  const token = /"(?:\\.|[^"\\])*(?:"|$)|\/\/[^\n]*|[\s\S]/g;
  let start = -1;
  for (const match of source.matchAll(token)) {
    const [word] = match;
    const blank = word.startsWith('//') || /^\s$/.test(word);
    if (start < 0 && !blank) start = match.index;
    if (word === ';' && start >= 0) {
      pieces.push({ text: source.slice(start, match.index + 1), offset: start });
      start = -1;
    }
  }
  if (start >= 0) pieces.push({ text: source.slice(start), offset: start });
  return pieces;
}

/** Line and column of an offset, both from 1. */
export function placeOf(source: string, offset: number): LinePlace {
  const before = source.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** Where something inside a policy stands in its file. Cedar counts UTF-8 bytes, JavaScript UTF-16 units. */
export function placeInPolicy(
  policy: Pick<Policy, 'text' | 'place'>,
  at: SourceLocation | undefined,
): LinePlace {
  if (at === undefined) return policy.place;
  const before = Buffer.from(policy.text, 'utf8').subarray(0, at.start).toString('utf8');
  const { line, column } = placeOf(before, before.length);
  return line === 1
    ? { line: policy.place.line, column: policy.place.column + column - 1 }
    : { line: policy.place.line + line - 1, column };
}

export function readPolicies(
  file: string,
  source: string,
  known: Pick<CedarAnswers, 'policies'> = NO_ANSWERS,
): { readonly policies: readonly Policy[]; readonly problems: readonly Problem[] } {
  const policies: Policy[] = [];
  const problems: Problem[] = [];
  for (const { text, offset } of cut(source)) {
    const place = placeOf(source, offset);
    const said = known.policies[sha256(text)];
    const answer =
      said === undefined
        ? callCedar((cedar) => cedar.policyToJson(text))
        : { type: 'success' as const, json: said };
    if (answer.type === 'failure') {
      const error = answer.errors[0];
      problems.push({
        file,
        ...placeInPolicy({ text, place }, error?.sourceLocations?.[0]),
        code: 'cedar_syntax',
        message: error?.message ?? 'this is not a Cedar policy',
        fix: error?.help ?? 'Mend the policy at this place.',
      });
      continue;
    }
    const { json } = answer;
    const id = json.annotations?.id;
    if (id === undefined) {
      problems.push({
        file,
        ...place,
        code: 'policy_without_id',
        message: 'a policy has no @id',
        fix: 'Put @id("a-stable-name") before it: reasons, records and metrics name policies by it.',
      });
      continue;
    }
    const description = json.annotations?.description ?? '';
    const resource = resourceOf(json);
    const clause = json.conditions.length === 0 ? undefined : clauseOf(text);
    policies.push({
      id,
      effect: json.effect,
      description,
      actions: actionsOf(json),
      ...(resource === undefined ? {} : { resource }),
      ...(clause === undefined ? {} : { clause }),
      text,
      json,
      file,
      place,
    });
  }
  return { policies, problems };
}

function actionsOf(json: PolicyJson): 'all' | string[] {
  const { action } = json;
  if (action.op === 'All') return 'all';
  const entities = 'entities' in action ? action.entities : 'entity' in action ? [action.entity] : [];
  return entities.map((entity) => ('__entity' in entity ? entity.__entity.id : entity.id));
}

function resourceOf({ resource }: PolicyJson): string | undefined {
  if (resource.op !== '==' || !('entity' in resource)) return undefined;
  const { entity } = resource;
  return '__entity' in entity ? entity.__entity.id : entity.id;
}

/** Everything behind the scope: the scope's closing bracket is followed by the first condition. */
function clauseOf(text: string): string | undefined {
  const begin = text.search(/\)\s*(?:when|unless)\s*\{/);
  return begin < 0
    ? undefined
    : text
        .slice(begin + 1)
        .replace(/;\s*$/, '')
        .trim();
}
