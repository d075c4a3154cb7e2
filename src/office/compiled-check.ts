/**
 * Compiled policies against Cedar, on live questions: a difference that no test had found must not go on deciding. The engine stops
 * using them by itself; here it is said, as a charter that failed to load is said, so that its alert fires.
 */
import type { Charter } from '../charter/charter.ts';
import type { Ledger } from '../ledger/record.ts';
import type { Log, Meter } from '../ports.ts';

export interface CompiledCheckDeps {
  readonly charter: () => Charter;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly meter: Meter;
}

/** Call it now and then, outside of requests. Throws LEDGER_UNAVAILABLE when a difference cannot be recorded. */
export async function checkCompiled({ charter, ledger, log, meter }: CompiledCheckDeps): Promise<void> {
  const { engine, digest } = charter();
  if (engine.check() !== 'differs') return;
  const reason = 'compiled policies answered otherwise than Cedar; Cedar answers from now on';
  meter.count('charter_loads_total', { result: 'failure' });
  meter.count('errors_total', { error_type: 'other', severity: 'critical', component: 'charter' });
  log.write('error', 'charter', reason, { digest });
  await ledger.append({
    type: 'charter.load_failed',
    trace: '0'.repeat(32),
    meta: { charter: digest },
    data: { reason },
  });
}
