/**
 * The hold on the ledger: while a finding stands, nothing is appended, because a record that is acknowledged on top
 * of a contradiction may be gone when the contradiction is put right. Whoever looks (the start check, the sealer,
 * the patrol, the watch on the files) sets its finding here and takes it back; writers ask before each append, in
 * memory.
 */
import { ChanceryError } from '../errors.ts';

/** What contradicts what. */
export interface Standing {
  /** Which part it is about: `lock`, `worm`, `witness`, `tiles`, `lane`, `record`, `store`, `files`, `keys`, `sealing`. */
  readonly head: string;
  readonly detail: string;
}

/** Asked before each append: the finding that stands, if one does. */
export type AskHold = () => Standing | undefined | Promise<Standing | undefined>;

export interface LedgerHold {
  /** The finding that was set first of those that stand. */
  standing(): Standing | undefined;
  /** Replaces what this watcher found before; undefined takes it back. */
  set(watcher: string, found: Standing | undefined): void;
  /** Resolves when nothing stands, at once when nothing does. */
  lifted(): Promise<void>;
}

export function createHold(changed: (standing: Standing | undefined) => void = () => undefined): LedgerHold {
  const found = new Map<string, Standing>();
  let waiting: (() => void)[] = [];
  const first = (): Standing | undefined => found.values().next().value;
  return {
    standing: first,
    set(watcher, now) {
      const before = first();
      if (now === undefined) found.delete(watcher);
      else found.set(watcher, now);
      const after = first();
      if (before?.head !== after?.head || before?.detail !== after?.detail) changed(after);
      if (after !== undefined) return;
      const told = waiting;
      waiting = [];
      for (const tell of told) tell();
    },
    lifted: () =>
      first() === undefined ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
  };
}

/** Findings about a record or a tile leave a lane's own next place free: there the alarm itself may be recorded. */
const ALARM_MAY_PASS: readonly string[] = ['tiles', 'lane', 'record'];

/** Whether a record of this type may be appended although this stands. */
export const mayPass = (type: string, { head }: Standing): boolean =>
  type === 'security.tamper_detected' && ALARM_MAY_PASS.includes(head);

/** The answer to whoever wants to append meanwhile. */
export class HeldBack extends ChanceryError {
  constructor({ head, detail }: Standing) {
    super(
      'LEDGER_UNAVAILABLE',
      `Nothing is recorded while a finding about the ledger stands: ${head}: ${detail}`,
      { headers: { 'Retry-After': '10' } },
    );
  }
}
