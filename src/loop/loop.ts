/**
 * The loop: monitor, analyze, plan, execute, over what the loop knows. It is told of records as they are appended, or
 * reads them; one cycle is one look at all that was heard since the last.
 *
 * No promise is kept in memory alone: what a process that died had heard and not done is found again in the cases
 * (`recover`), and what another loop did meanwhile is found done (`execute.ts`).
 */
import type { LabelsOf } from '../catalogue/catalogue.ts';
import type { Charter } from '../charter/charter.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import type { Clock, Meter, Table } from '../ports.ts';
import type { Executor } from './execute.ts';
import type { Knowledge } from './knowledge.ts';
import { Memory } from './memory.ts';
import type { PatternFound } from './patterns.ts';
import {
  type HealingSettings,
  isTouching,
  type Need,
  needOfCase,
  needOfPattern,
  type Plan,
  type Planned,
  plan,
} from './plan.ts';
import { type Closed, heardIn, type Seen } from './seen.ts';
import { keepLevels, levelsIn, Threats } from './threat.ts';

export interface LoopDeps {
  readonly table: Table;
  readonly charter: () => Promise<Pick<Charter, 'documents'>>;
  readonly executor: Executor;
  readonly knowledge: Knowledge;
  /** Cases that may ask for something, newest first: where a loop begins that knows nothing. */
  readonly openCases: () => Promise<readonly Seen[]>;
  readonly clock: Clock;
  /** Monotonic microseconds. */
  readonly micros: () => number;
  readonly meter: Meter;
}

export interface Cycle {
  readonly heard: number;
  readonly done: number;
  readonly failed: number;
  /** Over a cap, below the floor, or in shadow. */
  readonly held: number;
}

export interface Loop {
  /**
   * Cheap, and never fails: what is no matter of the loop's is dropped. A record may come twice.
   * @returns whether there is something for a cycle to look at
   */
  hear(records: readonly LedgerRecord[]): boolean;
  /** Throws what store or ledger threw; what was not done stays due. */
  cycle(): Promise<Cycle>;
  /** Takes up what asks for something and was never answered. */
  recover(): Promise<void>;
  /** Things that wait for a later cycle. */
  waiting(): number;
}

type Phase = LabelsOf<'mapek_phase_duration_seconds'>['phase'];

/** So long a blast radius counts, in all loops together. */
export const CYCLE_MS = 1_000;
const RADIUS = { pk: 'LOOP', sk: 'radius' } as const;
const REPORTERS = 'LOOP#REPORTERS';
const HOUR_MS = 3_600_000;
/** WhyHeld plans that one cycle puts on record: what is due must not wait for them. */
const MOST_HELD = 50;
/** Ids of what is done and records that were heard: enough that what comes again is known. */
const REMEMBERED = 20_000;

export function createLoop(deps: LoopDeps): Loop {
  const { table, executor, knowledge, clock, micros, meter } = deps;
  const memory = new Memory();
  const threats = new Threats();
  const inbox: Seen[] = [];
  const ended: Closed[] = [];
  /** What asks for an action: of a case only the worst. */
  const needs = new Map<string, Need>();
  const settled = new Remembered();
  const known = new Remembered();
  /** Plans that are on record as held, and why. */
  const said = new Remembered();
  /** Threat levels have risen since they were kept last. */
  let unkept = false;
  let kept = Number.NEGATIVE_INFINITY;

  async function timed<T>(phase: Phase, work: () => T | Promise<T>): Promise<T> {
    const began = micros();
    try {
      return await work();
    } finally {
      meter.observe('mapek_phase_duration_seconds', { phase }, (micros() - began) / 1_000_000);
    }
  }

  function ask(need: Need): void {
    if (!settled.has(need.id)) needs.set(placeOf(need), need);
  }

  /** Nothing more is to be done about it until it is heard of again. */
  function drop(need: Need): void {
    if (needs.get(placeOf(need))?.id === need.id) needs.delete(placeOf(need));
  }

  async function monitor(): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (let each = inbox[0]; each !== undefined; each = inbox[seen.length]) {
      const further = each.reporter === '' ? 0 : await furtherReports(each.reporter);
      // A finding is about something that was seen before.
      if (each.basis !== 'confirmed') {
        memory.note(each);
        threats.note(each, clock());
      }
      if (each.moves) ask(needOfCase(each, further));
      seen.push(each);
    }
    inbox.splice(0, seen.length);
    return seen;
  }

  /** Reports that somebody made within the hour besides this one, whichever process heard them. */
  async function furtherReports(reporter: string): Promise<number> {
    const slot = { name: 'reports', window: Math.floor(clock() / HOUR_MS), by: 1 };
    const counted = await table.add(REPORTERS, reporter, [slot]);
    return Number(counted.reports) - 1;
  }

  function analyze(): void {
    const together = new Map<string, PatternFound[]>();
    for (const finding of memory.analyze(clock())) {
      const of = `${finding.common} ${finding.of}`;
      together.set(of, [...(together.get(of) ?? []), finding]);
    }
    for (const findings of together.values()) {
      const need = needOfPattern(findings);
      if (need !== undefined) ask(need);
    }
    memory.prune(clock());
  }

  /** So many of the subjects may be touched in this cycle; the rest have been counted by other loops. */
  async function reserve(subjects: number, radius: number): Promise<number> {
    if (subjects === 0) return 0;
    const slot = { name: 'subjects', window: Math.floor(clock() / CYCLE_MS), by: subjects };
    const counted = await table.add(RADIUS.pk, RADIUS.sk, [slot]);
    const before = Number(counted.subjects) - subjects;
    return Math.max(0, Math.min(subjects, radius - before));
  }

  async function planAll(settings: HealingSettings) {
    const all = [...needs.values()];
    const wanted = plan(all, settings, settings.blast_radius);
    if (settings.mode === 'shadow') return wanted;
    const subjects = new Set(wanted.chosen.filter(isTouching).map(({ subject }) => subject)).size;
    const free = await reserve(subjects, settings.blast_radius);
    return free === subjects ? wanted : plan(all, settings, free);
  }

  async function execute(chosen: readonly Plan[], { retries, mode }: HealingSettings) {
    const count = { done: 0, failed: 0 };
    await together(chosen, async (each) => {
      if (mode === 'shadow') {
        await executor.hold(each, 'shadow');
        drop(each);
        return;
      }
      const healing = await executor.carryOut(each, retries);
      settled.add(each.id);
      drop(each);
      if (healing.status === 'failed') count.failed += 1;
      else count.done += 1;
      knowledge.did(healing);
    });
    return count;
  }

  /** On record once for each reason; of very many some in this cycle. */
  async function holdAll(held: Planned['held']): Promise<void> {
    const unsaid = held.filter(({ plan, because }) => !said.has(`${plan.id} ${because}`)).slice(0, MOST_HELD);
    await together(unsaid, async ({ plan, because }) => {
      await executor.hold(plan, because);
      said.add(`${plan.id} ${because}`);
      if (because === 'below_confidence_floor' || because === 'nobody') drop(plan);
    });
  }

  async function close(): Promise<number> {
    let undone = 0;
    for (let next = ended[0]; next !== undefined; next = ended[0]) {
      needs.delete(next.case_id);
      undone += await executor.undoCase(next.case_id, next.trace);
      ended.shift();
    }
    return undone;
  }

  async function run(): Promise<Cycle> {
    const { healing } = (await deps.charter()).documents['remediation.yaml'];
    const seen = await timed('monitor', monitor);
    await timed('analyze', analyze);
    const { chosen, held } = await timed('plan', () => planAll(healing));
    const { undone, ...count } = await timed('execute', async () => {
      const undone = await close();
      const count = await execute(chosen, healing);
      await holdAll(held);
      return { undone, ...count };
    });
    await timed('knowledge', () => knowledge.learn(seen));
    const levels = threats.all(clock());
    for (const { node, level } of levels) meter.set('mapek_threat_level', { node_or_service: node }, level);
    // They fall by themselves: what matters is to have kept them once they had risen.
    unkept ||= seen.length > 0;
    if (unkept && (seen.length === 0 || clock() - kept >= CYCLE_MS)) {
      [unkept, kept] = [false, clock()];
      await keepLevels(table, levels, clock());
    }
    return { heard: seen.length, held: held.length, ...count, done: count.done + undone };
  }

  return {
    hear(records) {
      for (const record of records) {
        const heard = heardIn(record);
        if (heard === undefined) continue;
        const id = `${record.lane}.${record.seq}`;
        if (known.has(id)) continue;
        known.add(id);
        if ('seen' in heard) inbox.push(heard.seen);
        else ended.push(heard.closed);
      }
      return inbox.length + ended.length > 0;
    },

    async cycle() {
      try {
        const cycle = await run();
        meter.count('mapek_cycles_total', { result: cycle.done + cycle.failed > 0 ? 'acted' : 'idle' });
        return cycle;
      } catch (error) {
        meter.count('mapek_cycles_total', { result: 'failed' });
        throw error;
      }
    },

    async recover() {
      await knowledge.recall();
      for (const { node, level } of await levelsIn(table, clock())) threats.recall(node, level, clock());
      for (const seen of await deps.openCases()) {
        const need = needOfCase(seen);
        if (settled.has(need.id) || needs.has(seen.case_id)) continue;
        const healing = await executor.get(need.id);
        // Once it was withheld, only what is new changes that.
        if (healing === undefined || healing.status === 'planned' || healing.status === 'deferred') ask(need);
        else if (healing.status !== 'withheld') settled.add(need.id);
      }
    },

    waiting: () => needs.size,
  };
}

/** All of them at once; the first failure is told when all have ended. */
async function together<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  for (const result of await Promise.allSettled(all.map(work)))
    if (result.status === 'rejected') throw result.reason;
}

const placeOf = ({ id, cause, case_id }: Need): string => (cause.kind === 'case' ? case_id : id);

/** The newest of very many. */
class Remembered {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > REMEMBERED && oldest !== undefined) this.#ids.delete(oldest);
  }
}
