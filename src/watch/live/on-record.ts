/** What of a connection is put on record, the same wherever it is held. */
import type { Ledger, NewRecord, Receipt } from '../../ledger/record.ts';
import { type Ending, GOOD_ENDINGS, type Sent, type WireError } from './connection.ts';
import type { Visitor } from './visitor.ts';

/** Who is connected, as its later records name them: nobody but by the pseudonym. */
export interface ConnectionOnRecord extends Pick<Visitor, 'trace' | 'meta' | 'pseudonym'> {
  readonly connection_id: string;
}

export interface Totals {
  readonly sent: number;
  readonly received: number;
  readonly duration_us: number;
}

/** That somebody listens, before they do. Throws LEDGER_UNAVAILABLE. */
export function recordConnect(ledger: Ledger, visitor: Visitor, connection_id: string): Promise<Receipt> {
  const { who, trace, meta, personal, wanted, from } = visitor;
  return ledger.append({
    type: 'ws.connect',
    trace,
    who,
    meta: { ...meta, connection_id },
    data: {
      resource: 'ledger',
      types: wanted.types.length,
      of_subject: wanted.subject !== undefined,
      resumed: from !== undefined,
    },
    personal,
  });
}

/** What was sent since this was last told; nothing where nothing was. */
export async function recordSent(ledger: Ledger, one: ConnectionOnRecord, sent: Sent): Promise<void> {
  if (sent.records > 0) await say(ledger, one, 'ws.message_sent', { ...sent });
}

export async function recordEnd(
  ledger: Ledger,
  one: ConnectionOnRecord,
  { reason, error, totals }: { readonly reason: Ending; readonly error?: WireError; readonly totals: Totals },
): Promise<void> {
  if (error !== undefined) await say(ledger, one, 'ws.error', { error_type: error });
  await say(ledger, one, 'ws.disconnect', { reason, ...totals });
}

/** The ending as an error; undefined where it ended as it should. */
export const errorOf = (ending: Ending): WireError | undefined => (isError(ending) ? ending : undefined);

const isError = (ending: Ending): ending is WireError => !GOOD_ENDINGS.some((good) => good === ending);

/** The record names nobody but by the pseudonym: a personal field would make a new key for who was erased meanwhile. */
const say = (
  ledger: Ledger,
  { trace, meta, pseudonym, connection_id }: ConnectionOnRecord,
  type: NewRecord['type'],
  data: NewRecord['data'],
): Promise<unknown> =>
  ledger.append({ type, trace, subject: pseudonym, meta: { ...meta, connection_id }, data });
