/**
 * What may be asked of entries, over HTTP and at the command line. What no record can have is refused: an auditor would
 * read an empty page as "nothing happened".
 */
import * as z from 'zod';
import { DRAG_MODES } from '../terms.ts';

/** An event type, or a family. Types are lower case: another spelling would wait for ever for what never comes. */
const WANTED_TYPE = /^[a-z][a-z0-9_]{0,39}\.(?:[a-z0-9_]{1,39}|\*)$/;

export const wantedType = z
  .string()
  .regex(WANTED_TYPE, 'must be an event type such as decision.made, or a family as decision.*');

/** Conditions on one record, but for its time and its subject. */
export const entryConditions = {
  type: wantedType.optional(),
  outcome: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be lower-case letters, as allow or success')
    .optional(),
  mode: z.enum([...DRAG_MODES, 'none']).optional(),
  workflow: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens')
    .optional(),
  trace: z
    .string()
    .regex(/^[A-Za-z0-9_-]{8,64}$/, 'must be 8 to 64 letters, digits, underscores or hyphens')
    .optional(),
};

/** A person as entries show them. */
export const isPseudonym = (subject: string): boolean => /^[0-9a-f]{64}$/.test(subject);
