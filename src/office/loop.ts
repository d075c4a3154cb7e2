/** The loop's wing: what heals, and what it knows. */
import { createExecutor, type Executor } from '../loop/execute.ts';
import { createKnowledge, type Knowledge } from '../loop/knowledge.ts';
import { createLoop, type Loop } from '../loop/loop.ts';
import { openCases } from '../loop/open-cases.ts';
import type { Meter } from '../ports.ts';
import type { Front } from './front.ts';
import type { Govern } from './govern.ts';

export interface HealingWing {
  readonly knowledge: Knowledge;
  readonly healer: Executor;
}

/** For whoever shows what was done, and takes it back on a person's word. */
export function openHealing(
  { table, clock, justifier }: Pick<Front, 'table' | 'clock' | 'justifier'>,
  { turns, sanctions }: Pick<Govern, 'turns' | 'sanctions'>,
  { wait }: { readonly wait: (ms: number) => Promise<void> },
): HealingWing {
  return {
    knowledge: createKnowledge({ table, clock }),
    healer: createExecutor({ table, turns, sanctions, justifier, clock, wait }),
  };
}

/** For the one process that heals. */
export function openLoop(
  { table, clock, charter, micros }: Pick<Front, 'table' | 'clock' | 'charter' | 'micros'>,
  { knowledge, healer: executor }: HealingWing,
  { meter }: { readonly meter: Meter },
): Loop {
  return createLoop({
    executor,
    knowledge,
    table,
    charter,
    openCases: () => openCases(table),
    clock,
    micros,
    meter,
  });
}
