/** A span around each append: how long a request waits until its record is durable. */
import type { Tracer } from '../../ports.ts';
import type { Ledger } from '../record.ts';

export const traced = (ledger: Ledger, tracer: Tracer): Ledger => ({
  append: (record) =>
    tracer.span('record', { action: 'ledger:append', resource: record.type }, async (note) => {
      const receipt = await ledger.append(record);
      note({ outcome: 'durable' });
      return receipt;
    }),
});
