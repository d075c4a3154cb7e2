/** What a command may touch. Commands never read the environment or the clock themselves. */
import type { LocalSettings } from '../local/settings.ts';
import type { Clock } from '../src/ports.ts';
import type { Place } from './place.ts';

export { CommandEnd, EXIT, type ProblemDetails } from './command-end.ts';

/** How an answer is printed: `-o`. `--json` is `-o json`. */
export const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

export interface CliWorld {
  readonly settings: LocalSettings;
  /** The local data folder (`CHANCERY_DATA`, default `.chancery`). */
  readonly dataFolder: string;
  readonly place: Place;
  /** True when `--env` or `--context` named the place. */
  readonly named: boolean;
  /** Where the API is: the context's, else CHANCERY_URL, else http://127.0.0.1:8787. With a place on AWS, `access.ts` finds it. */
  readonly url: string;
  /** What the place is called where it is not this machine: as deployed. */
  readonly environment?: string;
  /** Where on AWS that is; undefined where AWS_REGION says so. */
  readonly region?: string;
  /** What `CHANCERY_TOKEN` holds; how a token is had otherwise is for `access.ts`. */
  readonly token?: string;
  readonly format: Format;
  /** True where a program reads: `-o json` and `-o yaml`. */
  readonly json: boolean;
  /** Whether standard output takes colours (`terminal.ts`). */
  readonly colour: boolean;
  /** Columns of the terminal that standard output is; undefined for a file or a pipe. */
  readonly width?: number;
  /** True when somebody sits at the terminal who can be asked. */
  readonly asks: boolean;
  readonly clock: Clock;
  /** A line for people. What others wrote in it is made visible. */
  out(line: string): void;
  /** A value for programs: one line of JSON, or a YAML document. */
  data(value: unknown): void;
  /** A line with our colours in it: what others wrote was made visible before. */
  painted(line: string): void;
  err(line: string): void;
}
