/** Receipts over HTTP: whoever was given one asks whether it was kept. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { covers } from '../../src/identity/scopes.ts';
import { auditReceipt, type ReceiptAudit, type ReceiptView } from '../../src/ledger/check/receipt.ts';
import { receiptAuditSchema } from '../../src/ledger/receipt.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Clock } from '../../src/ports.ts';
import { readQuery } from '../body.ts';
import { amount, size, whole } from '../number.ts';
import type { RouteFamily } from '../routes.ts';
import { recordReading } from './ledger.ts';

export interface ReceiptRoutesDeps {
  readonly ledger: Ledger;
  readonly view: ReceiptView;
  readonly clock: Clock;
}

const SCOPE = 'ledger:read';
/** A receipt as it comes back from whoever kept it. */
const query = closed({
  id: z.string().max(20),
  lane: whole(1, Number.MAX_SAFE_INTEGER),
  seq: size,
  record_hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'),
  // 323 bytes where the record was signed with a run of 256.
  signature: z.base64().max(432),
  certificate_hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'),
  time: z.iso.datetime({ offset: true }),
  max_merge_delay_seconds: amount,
});

export function receiptRoutes({ ledger, view, clock }: ReceiptRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/ledger/receipts/check',
        scope: SCOPE,
        // Whoever holds a receipt was given it; the answer tells of nothing but its promise.
        own: async () => true,
        summary:
          'Whether a receipt, given by its members, is kept, pending, late, broken (a signed promise that the log contradicts) or NOT_OURS',
        tag: 'ledger',
        query,
        responses: { 200: { description: 'What became of the promise', schema: receiptAuditSchema } },
      },
      async (c) => {
        const receipt = readQuery(c, query);
        const audit = await auditReceipt(view, receipt, { clock });
        await recordReading({ ledger }, c, { what: 'receipt', id: receipt.id, status: audit.status });
        return c.json(covers(c.get('principal').scopes, SCOPE) ? audit : withoutOthers(audit));
      },
    );
  };
}

/** What stands in the promised record's place may be about somebody else. */
function withoutOthers(audit: ReceiptAudit): ReceiptAudit {
  if (audit.status !== 'broken' || audit.contradiction.found === null) return audit;
  const found = { ...audit.contradiction.found, record: '' };
  return { ...audit, contradiction: { ...audit.contradiction, found } };
}
