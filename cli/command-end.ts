/** How a command ends that does not end well. */

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

/** What an RFC 9457 problem document of the API says, beside its code and text. */
export interface ProblemDetails {
  readonly status: number;
  readonly type?: string;
  readonly reasons?: readonly { readonly code: string; readonly message: string; readonly path?: string }[];
  readonly trace_id?: string;
  readonly decision_id?: string;
}

/** Thrown by a command to end with a message and a code, without a stack. */
export class CommandEnd extends Error {
  readonly exit: number;
  /** Of the API's problem document, where it is what ended the command. */
  readonly code: string | undefined;
  readonly problem: ProblemDetails | undefined;
  constructor(message: string, exit: number = EXIT.negative, code?: string, problem?: ProblemDetails) {
    super(message);
    this.name = 'CommandEnd';
    this.exit = exit;
    this.code = code;
    this.problem = problem;
  }
}
