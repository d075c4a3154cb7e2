/** Numbers on the command line: what is none never reaches the API. */
import { InvalidArgumentError } from 'commander';
import { decimalIn, wholeIn } from '../src/basics/decimal.ts';

/** For `command.option(flags, description, numberFrom(0, 1))`: decimal digits, with or without a fraction. */
export const numberFrom = (least: number, most: number) => reader(decimalIn, least, most, 'a number');

/** The same without fractions. */
export const countFrom = (least: number, most: number) => reader(wholeIn, least, most, 'a whole number');

function reader(
  read: (text: string) => number | undefined,
  least: number,
  most: number,
  what: string,
): (text: string) => number {
  return (text) => {
    const value = read(text);
    if (value !== undefined && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It takes ${what} from ${least} to ${most}, in the digits 0 to 9.`);
  };
}
