/**
 * Execute: does what is planned, once, on record before and after; takes it back where it fails for good, or when the
 * case that it was for ends. One healing changes in one place at a time (`turns.ts`): of two loops that want the same,
 * the second finds it done.
 */
import { ChanceryError } from '../errors.ts';
import {
  attributesOf,
  HEALINGS,
  type Healing,
  type HealingState,
  healingAfter,
  healingOf,
  isSettled,
} from '../govern/healing.ts';
import type { Sanction } from '../govern/sanctions/sanction.ts';
import type { SanctionRecord, Sanctions } from '../govern/sanctions/sanctions.ts';
import { type Commit, keep, type Turns, type Written } from '../govern/turns.ts';
import type { JsonObject } from '../json.ts';
import type { Justifier } from '../ledger/justified.ts';
import { ownWords, type Said, sealedWords } from '../ledger/people/words.ts';
import type { NewRecord } from '../ledger/record.ts';
import type { Clock, Table } from '../ports.ts';
import { isTouching, type Plan, type WhyHeld } from './plan.ts';

export interface ExecutorDeps {
  readonly table: Table;
  readonly turns: Turns;
  readonly sanctions: Pick<Sanctions, 'apply' | 'lift' | 'of'>;
  /** Finds the record that a healing names, and whether it is one of ours. */
  readonly justifier: Pick<Justifier, 'read'>;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

export interface Executor {
  /**
   * Does it and gives what became of it: `executed`, or `failed` after so many tries, and then nothing of it is left.
   * What was done before is given as it is. Throws where the ledger or the store is away before anything was done.
   */
  carryOut(plan: Plan, tries: number): Promise<Healing>;
  /** Says on record, once, that it is not done now, or would be done if the loop were more than a shadow. */
  hold(plan: Plan, because: WhyHeld | 'shadow'): Promise<void>;
  /** Takes back what was done for a case that has ended. @returns how many */
  undoCase(case_id: string, trace: string): Promise<number>;
  /** Takes one back, whichever of the four it was. Undefined: there is no such healing. */
  undo(healing_id: string, why: Said, by: By): Promise<Healing | undefined>;
  get(healing_id: string): Promise<Healing | undefined>;
}

/** On whose word, and in which request or cycle. */
type By = Pick<NewRecord, 'trace' | 'who' | 'meta'>;

/** Before the second try, doubled for the third. */
const PAUSE_MS = 50;
/** Before it is done, in records and for people. */
const STATE_WHEN_HELD: Readonly<Record<WhyHeld | 'shadow', HealingState>> = {
  max_plans: 'deferred',
  blast_radius: 'deferred',
  below_confidence_floor: 'withheld',
  nobody: 'withheld',
  shadow: 'shadowed',
};

export function createExecutor(deps: ExecutorDeps): Executor {
  const { table, turns, sanctions, clock, wait } = deps;

  async function get(healing_id: string): Promise<Healing | undefined> {
    const item = await table.get(HEALINGS, healing_id);
    return item && healingOf(item.sk, item);
  }

  /**
   * As its record has it, and not by the word of whoever can write to the table: what they put there would keep the loop
   * from acting, or have it lift what it never applied.
   */
  async function recorded(healing_id: string): Promise<Healing | undefined> {
    const there = await get(healing_id);
    const found = there && (await deps.justifier.read(there.record));
    const said = found && healingAfter(undefined, { ...found.record, id: found.id });
    return said?.healing_id === healing_id ? said : undefined;
  }

  /** State from a record. What is read may be what that record says already, while the store has nothing of it yet. */
  async function settle(written: Written): Promise<void> {
    const sk = String(written.data.healing_id);
    const stored = await table.get(HEALINGS, sk);
    const next = healingAfter(stored && healingOf(sk, stored), written);
    if (next === undefined) return;
    await keep(table, stored, { ...stored, pk: HEALINGS, sk, ...attributesOf(next) });
  }

  const inTurn = <T>(healing_id: string, work: (commit: Commit) => Promise<T>): Promise<T> =>
    turns.take(`healing ${healing_id}`, settle, work);

  /** The healing after the record of its step. */
  async function step(commit: Commit, record: NewRecord): Promise<Healing> {
    await commit(record);
    const after = await get(String(record.data.healing_id));
    if (after === undefined)
      throw new ChanceryError('STORE_UNAVAILABLE', 'What was just stored is not there.');
    return after;
  }

  /** What the charter's word means for the principal; nothing where it touches nobody. */
  async function act(plan: Plan): Promise<Sanction | undefined> {
    if (!isTouching(plan)) return undefined;
    const { id, subject, case_id, severity, why } = plan;
    return sanctions.apply({ subject, case_id, severity, why, data: { healing_id: id } }, onRecord(plan));
  }

  /** Also what was done although the answer was an error. */
  async function takeBack(plan: Plan): Promise<void> {
    if (!isTouching(plan)) return;
    for (const each of await sanctions.of(plan.subject)) {
      const ours = each.case_id === plan.case_id && each.severity === plan.severity;
      if (ours && each.status === 'active')
        await sanctions.lift(each.sanction_id, ownWords('what it was part of failed'), onRecord(plan), true);
    }
  }

  async function attempt(plan: Plan, tries: number): Promise<JsonObject & { readonly error?: string }> {
    let error = '';
    for (let at = 1; at <= tries; at += 1) {
      try {
        const sanction = await act(plan);
        return { tries: at, ...(sanction === undefined ? {} : { sanction_id: sanction.sanction_id }) };
      } catch (failure) {
        error = failure instanceof ChanceryError ? failure.code : 'INTERNAL_ERROR';
        // What the case does not allow it allows no better a moment later.
        if (isRefusal(failure)) return { tries: at, error };
        if (at < tries) await wait(PAUSE_MS * 2 ** (at - 1));
      }
    }
    return { tries, error };
  }

  async function undo(healing_id: string, why: Said, by: By): Promise<Healing | undefined> {
    if ((await get(healing_id)) === undefined) return undefined;
    return inTurn(healing_id, async (commit) => {
      const there = await recorded(healing_id);
      if (there?.status !== 'executed') return there;
      const { action, severity, case_id, subject, nodes, confidence, sanction_id } = there;
      if (sanction_id !== undefined)
        await sanctions.lift(sanction_id, why, (type, lifted, personal) => ({
          ...by,
          type,
          data: lifted,
          ...(personal === undefined ? {} : { personal }),
        }));
      const data = { healing_id, severity, case_id, subject, nodes: [...nodes], confidence };
      const personal = sealedWords('why', why);
      const undone = await step(commit, {
        ...by,
        type: 'healing.executed',
        data: {
          ...data,
          status: 'undone',
          action: 'restore',
          undoes: action,
          outcome: 'success',
          why: why.open,
        },
        ...(personal === undefined ? {} : { personal }),
      });
      if (why.kept !== undefined) await table.merge(HEALINGS, healing_id, { words: why.kept });
      return undone;
    });
  }

  return {
    get,

    carryOut(plan, tries) {
      return inTurn(plan.id, async (commit) => {
        const there = await recorded(plan.id);
        if (there !== undefined && (isSettled(there) || there.status === 'failed')) return there;
        await commit(recordOf('healing.planned', plan, 'planned'));
        const { error, ...did } = await attempt(plan, tries);
        if (error === undefined) {
          const latency_ms = Math.max(0, clock() - plan.since);
          return step(
            commit,
            recordOf('healing.executed', plan, 'executed', { outcome: 'success', latency_ms, ...did }),
          );
        }
        const outcome = await takeBack(plan).then(
          () => 'rolled_back',
          () => 'failure',
        );
        return step(commit, recordOf('healing.failed', plan, 'failed', { outcome, error, ...did }));
      });
    },

    hold(plan, because) {
      const status = STATE_WHEN_HELD[because];
      return inTurn(plan.id, async (commit) => {
        const there = await recorded(plan.id);
        // Said already, or more than that was done.
        if (there !== undefined && (there.status === status || !isWaiting(there))) return;
        await commit(recordOf('healing.planned', plan, status, { outcome: status, because }));
      });
    },

    async undoCase(case_id, trace) {
      let undone = 0;
      for (const { healing_id, status } of await healingsOf(table, case_id)) {
        const after =
          status === 'executed'
            ? await undo(healing_id, ownWords('the case has ended'), { trace })
            : undefined;
        if (after?.status === 'undone') undone += 1;
      }
      return undone;
    },

    undo,
  };
}

/** Healings of one case: they stand together, since their ids begin with when it was opened. */
async function healingsOf(table: Pick<Table, 'query'>, case_id: string): Promise<Healing[]> {
  const opened = /_([0-7][0-9A-HJKMNP-TV-Z]{9})/.exec(case_id)?.[1];
  if (opened === undefined) return [];
  const { items } = await table.query(HEALINGS, { from: `heal_${opened}`, to: `heal_${opened}~` });
  return items.flatMap((item) => {
    const healing = healingOf(item.sk, item);
    return healing?.case_id === case_id ? [healing] : [];
  });
}

/** The case gives no reason for it; a conflict without a reason is somebody else's turn. */
const isRefusal = (failure: unknown): boolean =>
  failure instanceof ChanceryError && failure.code === 'CONFLICT' && failure.reasons.length > 0;

const isWaiting = ({ status }: Healing): boolean =>
  status === 'deferred' || status === 'withheld' || status === 'shadowed';

const onRecord =
  ({ trace }: Plan): SanctionRecord =>
  (type, data) => ({ type, trace, data });

function recordOf(
  type: 'healing.planned' | 'healing.executed' | 'healing.failed',
  plan: Plan,
  status: HealingState,
  more: JsonObject = {},
): NewRecord {
  const { id, action, severity, case_id, subject, nodes, confidence, cost, why, cause, basis, record } = plan;
  return {
    type,
    trace: plan.trace,
    data: {
      healing_id: id,
      status,
      action,
      severity,
      case_id,
      subject,
      nodes: [...nodes],
      confidence,
      cost,
      why,
      basis,
      ...(cause.kind === 'pattern' ? { pattern: cause.pattern } : {}),
      /** The record that asked for it. */
      seen: record,
      ...more,
    },
  };
}
