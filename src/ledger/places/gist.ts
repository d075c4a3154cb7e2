/** What the notes of places need to know of a record: taken while it is parsed anyway, before it is sealed. */
import type { LedgerRecord } from '../record.ts';

export interface Gist {
  readonly type: string;
  readonly time: string;
  /** The run that it begins or ends. */
  readonly execution_id?: string;
  /** Pseudonym of whom it is about. */
  readonly subject?: string;
}

export function gistOf({ type, time, subject, data }: LedgerRecord): Gist {
  const { execution_id } = data;
  return {
    type,
    time,
    ...(typeof execution_id === 'string' ? { execution_id } : {}),
    ...(subject === undefined ? {} : { subject }),
  };
}
