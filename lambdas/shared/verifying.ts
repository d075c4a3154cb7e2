/** Verification of the whole ledger within one request, whose time a gateway limits. */
import { ChanceryError } from '../../src/errors.ts';
import {
  type LedgerFiles,
  type LedgerVerification,
  verifyLedger,
} from '../../src/ledger/check/verify-log.ts';
import type { Trust } from '../../src/ledger/trust.ts';
import type { Clock, Meter } from '../../src/ports.ts';

/** API Gateway cuts a request off after 29 s; the record of the reading has to be written within it as well. */
export const VERIFY_MS = 22_000;

export interface VerifyingDeps {
  readonly files: LedgerFiles;
  readonly trust: Trust;
  readonly clock: Clock;
  readonly meter: Meter;
  /** Of this deployment, for the command that does it without a limit. */
  readonly environment: string;
  /** Fires when the time is up. */
  readonly deadline: () => AbortSignal;
}

/** Throws LEDGER_TOO_LARGE when the time is up: half a verification is none. */
export async function verifyInTime(deps: VerifyingDeps): Promise<LedgerVerification> {
  const { files, trust, clock, meter, environment } = deps;
  const signal = deps.deadline();
  try {
    const verification = await verifyLedger(files, trust, { now: clock(), signal });
    meter.count('ledger_integrity_checks_total', { result: verification.verdict });
    return verification;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    throw new ChanceryError(
      'LEDGER_TOO_LARGE',
      `Verifying it takes longer than a request may. Run it where you are: chancery --env ${environment} ledger verify`,
      { cause: error },
    );
  }
}
