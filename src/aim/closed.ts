/**
 * Bodies that hold what we define and nothing else. A member that is passed over is a wish that is not heard:
 * `"option": {"mode": "dry_run"}` ran for real.
 */
import * as z from 'zod';
import { nearest } from '../basics/nearest.ts';
import { pointer } from '../basics/strict-json.ts';
import type { Reason } from '../errors.ts';

/** An object with these members and no others; the message of a stranger names the nearest known one. */
export function closed<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .slice(0, 3)
            .map((name) => unknownMember(name, known))
            .join('; ')
        : undefined,
  });
}

/** An object that may hold strangers, as a standard has it, but none that is one of these misspelt. */
export function open<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$loose> {
  const known = Object.keys(shape);
  return z.looseObject(shape).check(({ value, issues }) => {
    for (const name of Object.keys(value)) {
      if (known.includes(name) || nearest(name, known) === undefined) continue;
      issues.push({ code: 'custom', path: [name], input: value, message: unknownMember(name, known) });
    }
  });
}

export function unknownMember(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const written = JSON.stringify(name.slice(0, LONGEST_NAME).toWellFormed());
  return meant === undefined
    ? `unknown member ${written}; known here are ${known.join(', ')}`
    : `unknown member ${written}; did you mean ${meant}?`;
}

const LONGEST_NAME = 64;
const LONGEST_PATH = 512;
const MOST_REASONS = 20;

/** One `schema_error` for each place, and as many as fit a record. */
export function schemaReasons(error: z.ZodError): Reason[] {
  return error.issues.flatMap(placesOf).slice(0, MOST_REASONS).map(schemaReason);
}

/** The places of an issue: of unknown members each one's own. */
export function placesOf(issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; message: string }[] {
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((name) => ({ path: [...issue.path, name], message: issue.message }))
    : [{ path: issue.path, message: messageOf(issue) }];
}

/** Of a choice between forms what each of them asks for: "Invalid input" tells nobody what to write. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.message !== UNSAID) return issue.message;
  const asked = issue.errors.flatMap(([first]) => (first === undefined ? [] : [messageOf(first)]));
  return asked.length === 0 ? issue.message : [...new Set(asked)].join('; or ');
}

const UNSAID = 'Invalid input';

export function schemaReason(at: { path: readonly PropertyKey[]; message: string }): Reason {
  const path = pointer(at.path).slice(0, LONGEST_PATH).toWellFormed();
  return { code: 'schema_error', path, message: at.message, kind: 'invalid' };
}
