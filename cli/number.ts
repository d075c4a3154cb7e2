/** Numbers on the command line: what is none never reaches the API. */
import { InvalidArgumentError } from 'commander';

/** For `command.option(flags, description, numberFrom(0, 1))`: decimal digits, with or without a fraction. */
export function numberFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It takes a number from ${least} to ${most}.`);
  };
}

/** The same without fractions. */
export function countFrom(least: number, most: number): (text: string) => number {
  const number = numberFrom(least, most);
  return (text) => {
    const value = number(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError('It takes a whole number.');
  };
}
