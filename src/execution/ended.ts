/** How a run ended, and what is said of it. */
import type { Weighed } from '../decision/record.ts';
import type { Json } from '../json.ts';
import type { OutcomeData } from '../ledger/payloads.ts';
import type { Receipt } from '../ledger/record.ts';
import type { EngineResult } from '../ports.ts';

export interface Finished {
  readonly receipt: Receipt;
  readonly data: OutcomeData;
  /** Null when it goes by reference. */
  readonly output: Json;
}

export type Ended = Exclude<EngineResult, { status: 'started' }>;

/** What becomes of an allowed request: a long run whose end is heard later, or one that has ended. */
export type Run =
  | {
      readonly kind: 'started';
      readonly weighed: Weighed;
      readonly receipt: Receipt;
      readonly execution_id: string;
    }
  | {
      readonly kind: 'ran';
      readonly weighed: Weighed;
      /** Of the decision; the outcome's is in `finished`. */
      readonly receipt: Receipt;
      readonly finished: Finished;
      /** Why it failed, in the engine's words. */
      readonly cause?: string;
    };
