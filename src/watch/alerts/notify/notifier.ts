/**
 * The story of an alert: it is heard, its step is written to the ledger, its messages are made and laid into the
 * outbox. Only then does the sender get its answer, so whoever crashes, the alert is told.
 */
import { ChanceryError } from '../../../errors.ts';
import type { JsonObject } from '../../../json.ts';
import type { Ledger, Receipt } from '../../../ledger/record.ts';
import type { Clock, Item, Table } from '../../../ports.ts';
import type { PrincipalId } from '../../../terms.ts';
import { alertNamed } from '../rules/rules.ts';
import { plain } from './clean.ts';
import { acknowledgement, listeners, messagesOf, type Targets } from './messages.ts';
import type { AlertInstance, Notice } from './notice.ts';
import { channelFor, groupOf, nameOf, restOf, severityOf } from './notice.ts';
import type { Outbox } from './outbox.ts';
import type { Evidence, Proof } from './slack.ts';
import {
  alertOf,
  createStandings,
  evidenceOf,
  isRecorded,
  placeOf,
  type StepOnRecord,
  toldOf,
  writtenOf,
} from './standing.ts';
import { inTurn } from './turn.ts';

export interface NotifierDeps {
  readonly table: Table;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
  /** A new W3C trace id, for alerts that no record caused. */
  readonly newTrace: () => string;
  /** The newest record of these types; undefined if there is none. */
  readonly newest: (types: readonly string[]) => Promise<Proof | undefined>;
  readonly targets: Targets;
}

export interface ActiveAlert {
  readonly fingerprint: string;
  readonly alert: string;
  readonly state: 'firing' | 'resolved';
  readonly severity: string;
  readonly starts_at: string;
  readonly acknowledged_by?: string;
  readonly record_id: string;
}

export interface Notifier {
  /**
   * Durable on return. Throws only when ledger or store cannot be written, after the other alerts of the notice were
   * told: the sender sends all of them again, and those that were written are not written twice.
   */
  hear(notice: Notice): Promise<void>;
  /** Throws NOT_FOUND when no such alert fires. */
  acknowledge(
    fingerprint: string,
    by: { readonly who: PrincipalId; readonly name: string },
  ): Promise<Receipt>;
  /** One page in order of fingerprints; `next` is absent on the last one. */
  alerts(page: {
    readonly limit: number;
    readonly after?: string;
  }): Promise<{ readonly alerts: ActiveAlert[]; readonly next?: string }>;
}

/** So many alerts that cannot be written are the store's fault: those behind wait for the next attempt too. */
const FAILURES = 3;

/** Labels as the ledger keeps them: short, and without what cannot be seen. */
const labelsOf = (alert: AlertInstance): JsonObject =>
  Object.fromEntries(
    Object.entries(alert.labels)
      .slice(0, 30)
      .map(([name, value]) => [plain(name, 100), plain(value, 300)]),
  );

function once(newest: NotifierDeps['newest']): NotifierDeps['newest'] {
  const known = new Map<string, ReturnType<typeof newest>>();
  return (types) => {
    const key = types.join();
    const found = known.get(key) ?? newest(types);
    known.set(key, found);
    return found;
  };
}

/** Somebody took it on, as a record says: the name alone could have been written by anybody who reaches the store. */
const isAcknowledged = ({ acknowledged_by, acknowledged_record }: Item): boolean =>
  typeof acknowledged_by === 'string' && typeof acknowledged_record === 'string';

function viewOf(item: Item): ActiveAlert {
  const alert = alertOf(item);
  return {
    fingerprint: item.sk,
    alert: plain(nameOf(alert), 100),
    state: item.state === 'firing' ? 'firing' : 'resolved',
    severity: severityOf(alert),
    starts_at: alert.starts_at,
    ...(isAcknowledged(item) ? { acknowledged_by: String(item.acknowledged_by) } : {}),
    record_id: evidenceOf(item).own?.record_id ?? '',
  };
}

export function createNotifier(deps: NotifierDeps): Notifier {
  const { ledger, outbox, clock, targets } = deps;
  const standings = createStandings(deps);

  async function record(
    alert: AlertInstance,
    step: 'fired' | 'resolved' | 'acknowledged',
    trace: string,
    more: { who?: PrincipalId; cause?: string } = {},
  ): Promise<Receipt> {
    return ledger.append({
      type: `alert.${step}`,
      trace,
      ...(more.who === undefined ? {} : { who: more.who }),
      data: {
        alert: plain(nameOf(alert), 100),
        group: groupOf(alert),
        severity: severityOf(alert),
        channel: channelFor(alert),
        fingerprint: alert.fingerprint,
        starts_at: alert.starts_at,
        ...(alert.ends_at === undefined ? {} : { ends_at: alert.ends_at }),
        labels: labelsOf(alert),
        ...(more.cause === undefined ? {} : { cause: more.cause }),
      },
    });
  }

  /** What resolves was caused by what fired; a new firing, by the newest record of the kinds that its rule watches. */
  async function causeOf(
    alert: AlertInstance,
    there: Item | undefined,
    newest: NotifierDeps['newest'],
  ): Promise<Proof | undefined> {
    if (alert.status === 'resolved' && there !== undefined) return evidenceOf(there).cause;
    return newest(alertNamed(nameOf(alert))?.evidence ?? []);
  }

  /** What was written of a step before; `undefined` inside when nobody is to be told of it. */
  async function before(
    alert: AlertInstance,
  ): Promise<{ readonly there?: Item; readonly known?: { readonly written: StepOnRecord | undefined } }> {
    const there = await standings.get(alert.fingerprint);
    if (there === undefined) return {};
    const place = placeOf(alert, there, clock());
    if (place === 'same') return { there, known: { written: writtenOf(there) } };
    if (place === 'news' || !isRecorded(there, alert)) return { there };
    return { there, known: { written: place === 'standing' ? writtenOf(there) : undefined } };
  }

  /**
   * Writes the step to the ledger, once per step: a notification that comes again finds it written. A crash
   * between record and note makes a second record of the same step, never a missing one. Undefined: the step was
   * overtaken, and is only recorded.
   */
  async function step(
    alert: AlertInstance,
    newest: NotifierDeps['newest'],
  ): Promise<StepOnRecord | undefined> {
    const { known } = await before(alert);
    if (known !== undefined) return known.written;
    return inTurn(deps, alert.fingerprint, () => write(alert, newest));
  }

  async function write(
    alert: AlertInstance,
    newest: NotifierDeps['newest'],
  ): Promise<StepOnRecord | undefined> {
    const { known, there } = await before(alert);
    if (known !== undefined) return known.written;
    const cause = await causeOf(alert, there, newest);
    const trace = cause?.trace ?? deps.newTrace();
    const type = alert.status === 'firing' ? 'fired' : 'resolved';
    const receipt = await record(alert, type, trace, cause === undefined ? {} : { cause: cause.record_id });
    const evidence: Evidence = {
      own: { record_id: receipt.id, record_hash: receipt.record_hash, trace, type: `alert.${type}` },
      ...(cause === undefined ? {} : { cause }),
    };
    return standings.note(alert, evidence, listeners(alert, targets));
  }

  /** A notification that came whole says of every alert of its group how it stands: nothing is cut off any more. */
  async function whole(notice: Notice): Promise<Notice> {
    if (notice.cut) return notice;
    const there = await standings.get(restOf(notice.group_key));
    if (there?.state !== 'firing') return notice;
    const rest: AlertInstance = {
      ...alertOf(there),
      status: 'resolved',
      ends_at: new Date(clock()).toISOString(),
    };
    return { ...notice, alerts: [...notice.alerts, rest] };
  }

  return {
    async hear(heard) {
      const notice = await whole(heard);
      const steps = new Map<string, StepOnRecord>();
      const failures: unknown[] = [];
      // A thousand alerts of one kind have one newest record: it is looked for once.
      const newest = once(deps.newest);
      for (const alert of notice.alerts) {
        try {
          const written = await step(alert, newest);
          if (written !== undefined) steps.set(alert.fingerprint, written);
        } catch (error) {
          failures.push(error);
          if (failures.length === FAILURES) break;
        }
      }
      for (const job of messagesOf(notice, steps, targets)) await outbox.accept(job);
      if (failures.length > 0) throw failures[0];
    },

    async acknowledge(fingerprint, by) {
      const there = await standings.get(fingerprint);
      if (there === undefined || there.state !== 'firing') {
        throw new ChanceryError('NOT_FOUND', 'No alert of this fingerprint is firing.');
      }
      const alert = alertOf(there);
      const { own } = evidenceOf(there);
      const receipt = await record(alert, 'acknowledged', own?.trace ?? deps.newTrace(), {
        who: by.who,
        ...(own === undefined ? {} : { cause: own.record_id }),
      });
      const taken = await standings.acknowledge(fingerprint, by.name, receipt.id);
      // Whoever was told that it fires: who takes it on may be at a process that has no targets of its own.
      for (const courier of toldOf(there)) {
        await outbox.accept(acknowledgement(alert, writtenOf(taken ?? there), courier, by.name));
      }
      return receipt;
    },

    async alerts({ limit, after }) {
      const page = await standings.list(limit, after);
      return {
        alerts: page.items.map(viewOf),
        ...(page.next === undefined ? {} : { next: page.next }),
      };
    },
  };
}
