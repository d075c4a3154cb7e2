/**
 * A server of tools behind the office, as the office sees it: it is asked, and it may be slow, huge, malformed, or a liar. The adapter
 * speaks its protocol and bounds what comes back; everything else is decided here.
 */
import type { JsonObject } from '../json.ts';
import type { TraceHeaders } from '../ports.ts';

/** What may be asked of a server; nothing else is ever forwarded. */
export const SERVER_METHODS = [
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
] as const;
export type ServerMethod = (typeof SERVER_METHODS)[number];

export interface Forwarding {
  /** Aborted when the caller cancels or goes away. */
  readonly signal?: AbortSignal;
  /** Told of each step that the server reports. */
  readonly progress?: (step: CallProgress) => void;
  /** The caller's own token: for an exchange (RFC 8693) and nothing else, never sent to the server. */
  readonly caller?: string;
  /** Goes to the server in `_meta` (MCP 2026-07-28, basic, "_meta"): its work belongs to the caller's trace. */
  readonly trace?: TraceHeaders;
}

export interface CallProgress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** Throws ServerFault, and nothing else. */
export interface ToolServer {
  /** It shows itself to each caller anew, and needs a token of theirs also for its lists. */
  readonly perCaller?: boolean;
  request(method: ServerMethod, params: JsonObject, forwarding?: Forwarding): Promise<JsonObject>;
  /** Told when the server says that its lists changed. */
  onChanged?(heard: () => void): void;
  /** Ends when what is asked of it now was answered. Who held it and asks still is answered, on a connection that ends with the answer. */
  retire(): Promise<void>;
  /** Ends at once: what is asked of it now fails. */
  close(): Promise<void>;
}

/** How a server can fail: each is a word in the record of the call. */
export const SERVER_FAULTS = [
  'unreachable',
  'credentials',
  'timeout',
  'cancelled',
  'standing_lost',
  'too_large',
  'malformed',
  'redirected',
  'calls_back',
  'refused',
] as const;
export type ServerFaultKind = (typeof SERVER_FAULTS)[number];

export class ServerFault extends Error {
  readonly kind: ServerFaultKind;
  constructor(kind: ServerFaultKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ServerFault';
    this.kind = kind;
  }
}

/** Servers by the names under which the charter lists them. */
export interface ToolServers {
  /** Undefined: none of this name can be reached from here. */
  get(name: string): ToolServer | undefined;
}
