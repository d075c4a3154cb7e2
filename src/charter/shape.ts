/** From a located YAML file to a typed document: what does not fit becomes problems at their places. */
import type * as z from 'zod';
import type { Problem } from '../basics/problem.ts';
import type { YamlFile } from '../basics/yaml.ts';

/** Parses the value against its schema; what does not fit becomes problems at their places. */
export function shapeOf<T>(
  file: string,
  yaml: YamlFile,
  schema: z.ZodType<T>,
): { readonly value?: T; readonly problems: readonly Problem[] } {
  if (yaml.problems.length > 0) return { problems: yaml.problems };
  const parsed = schema.safeParse(yaml.value, { reportInput: true });
  if (parsed.success) return { value: parsed.data, problems: [] };
  return { problems: parsed.error.issues.map((issue) => problemOf(file, yaml, issue)) };
}

function problemOf(file: string, yaml: YamlFile, issue: z.core.$ZodIssue): Problem {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const at = path.join('.') || 'the document';
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return {
      file,
      ...yaml.locate([...path, key]),
      code: 'unknown_key',
      message: `${at} has no key ${issue.keys.map((name) => `"${name}"`).join(', ')}`,
      fix: 'Remove it or correct its spelling; docs/charter.md lists the keys.',
    };
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return {
      file,
      ...yaml.locate(path),
      code: 'missing_key',
      message: `${at} is missing`,
      fix: `Add "${path.at(-1) ?? 'it'}" (${issue.expected}).`,
    };
  }
  return {
    file,
    ...yaml.locate(path),
    code: path[0] === 'violation_policy' && path.length === 1 ? 'wrong_level_count' : 'invalid_value',
    message: `${at}: ${issue.message}`,
    fix:
      path[0] === 'violation_policy'
        ? 'Give exactly four levels: WARNING, SUSPENSION, BAN, CRIMINAL, each with an action.'
        : `Correct the value of ${at}.`,
  };
}
