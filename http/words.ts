/** What people write in their own words, as bodies take it. Of what nobody can see, nobody learns why. */
import * as z from 'zod';
import { visibleLength } from '../src/basics/visible.ts';

/** Trimmed, of so many characters that can be seen, and no more than `most` in all. */
export const wording = (least: number, most: number) =>
  z
    .string()
    .trim()
    .min(least, { abort: true })
    .max(most, { abort: true })
    .refine((text) => visibleLength(text) >= least, `has at least ${least} characters that can be seen`);

/** One piece of evidence, as it was written: named or quoted here, and kept where it is. */
export const quoted = z
  .string()
  .max(2_000)
  .regex(/\S/, { error: 'is blank', abort: true })
  .refine((text) => visibleLength(text) > 0, 'is blank');
