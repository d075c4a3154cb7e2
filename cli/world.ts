/** What a command may touch. Commands never read the environment or the clock themselves. */
import type { LocalSettings } from '../local/settings.ts';
import type { Clock } from '../src/ports.ts';

export interface CliWorld {
  readonly settings: LocalSettings;
  /** The local data folder (`CHANCERY_DATA`, default `.chancery`). */
  readonly dataFolder: string;
  /** Where the API is (`CHANCERY_URL`, default http://127.0.0.1:8787). */
  readonly url: string;
  /** A deployed environment's name (`--env dev`), or undefined for the local runtime. */
  readonly environment?: string;
  /** A bearer token given by `CHANCERY_TOKEN`; without one, local commands mint their own. */
  readonly token?: string;
  readonly json: boolean;
  /** True when stdout is a terminal and NO_COLOR is unset. */
  readonly colour: boolean;
  /** True when somebody sits at the terminal who can be asked. */
  readonly asks: boolean;
  readonly clock: Clock;
  out(line: string): void;
  err(line: string): void;
}

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** The question was answered, and the answer is no: verification failed, SLO breached, request denied. */
  negative: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The service could not be reached or could not answer. */
  unavailable: 3,
  /** A receipt's promise is not kept yet although its time is over. */
  late: 4,
  /** A receipt that this ledger never gave. */
  notOurs: 5,
} as const;

/** Thrown by a command to end with a message and a code, without a stack. */
export class CommandEnd extends Error {
  readonly exit: number;
  /** Of the API's problem document, where it is what ended the command. */
  readonly code: string | undefined;
  constructor(message: string, exit: number = EXIT.negative, code?: string) {
    super(message);
    this.name = 'CommandEnd';
    this.exit = exit;
    this.code = code;
  }
}
