/** Numbers and stretches of time that requests carry. */
import * as z from 'zod';
import { decimalIn, wholeIn } from '../src/basics/decimal.ts';
import { duration } from '../src/basics/duration.ts';

const read = (number: (text: string) => number | undefined) => (given: unknown) =>
  typeof given === 'string' ? (number(given) ?? given) : given;

function from(least: number, most: number): z.ZodInt {
  const error = `must be a whole number from ${least} to ${most}, in the digits 0 to 9`;
  return z.int({ error }).min(least, error).max(most, error);
}

/** In a query: a whole number. */
export const whole = (least: number, most: number) => z.preprocess(read(wholeIn), from(least, most));

/** In a query: how many entries a tree has, or the place of one. */
export const size = whole(0, 999_999_999_999_999);

/** In a query: how many a page holds. The default is within, or OpenAPI would not tell of it. */
export const limit = (most: number, byDefault: number) =>
  z.preprocess(read(wholeIn), from(1, most).default(byDefault));

/** In a query: a number of 0 or more. */
export const amount = z.preprocess(
  read(decimalIn),
  z.number({ error: 'must be a number of 0 or more, in the digits 0 to 9' }).min(0),
);

/** In a body: seconds as a number, or a duration such as 30m; gives seconds. */
export const seconds = z.union([z.int().positive(), duration], {
  error: 'must be a whole number of seconds, or a duration such as 90s, 30m, 2h or 1d',
});
