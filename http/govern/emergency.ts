/** Stopping everything, letting it run again, draining, and setting rate counters back. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import type { Charter } from '../../src/charter/charter.ts';
import { resetCounters } from '../../src/charter/limits.ts';
import type { Emergency, EmergencyState, EmergencyWatch } from '../../src/decision/emergency.ts';
import { standingKey } from '../../src/decision/standing.ts';
import type { StopRecords } from '../../src/decision/stop-records.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Issuers } from '../../src/identity/issuers.ts';
import { type Marked, notAPerson } from '../../src/identity/person.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Pseudonym } from '../../src/ledger/people/pseudonym.ts';
import type { Ledger, Receipt } from '../../src/ledger/record.ts';
import type { Clock, Table } from '../../src/ports.ts';
import type { Principal } from '../../src/terms.ts';
import { parseWith, readOptionalJson, readQuery } from '../body.ts';
import { seconds } from '../number.ts';
import { personNamed } from '../person.ts';
import { onRecord } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';

export interface EmergencyRoutesDeps {
  readonly emergency: Emergency;
  readonly stopRecords: StopRecords;
  readonly watch: EmergencyWatch;
  readonly charter: () => Promise<Charter>;
  readonly ledger: Ledger;
  readonly table: Table;
  readonly pseudonym: Pseudonym;
  readonly issuers: Issuers;
  readonly marked: (principal: Principal) => Marked;
  /** Executions that have begun and not ended, whichever process started them. */
  readonly running: () => Promise<number>;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

const stopOrder = closed({
  /** Whoever pulls the handle need not explain first. */
  reason: z.string().trim().max(1000).default('no reason given'),
  /** Seconds, or a duration such as 30m. By default as the charter says; never longer than it allows. */
  duration: seconds.optional(),
});

const drainOrder = closed({
  /** How long to wait for what runs; a request waits 15 s of it at most, and may be sent again. */
  timeout_seconds: z.number().int().min(0).max(900).default(30),
  /** How long no new work is taken; 0 takes work again. */
  for_seconds: z.number().int().min(0).max(86_400).default(3600),
});

const whoseQuery = closed({
  /** Needed where more than one issuer is trusted. */
  issuer: z.string().min(1).max(512).optional(),
});

export function emergencyRoutes(deps: EmergencyRoutesDeps): RouteFamily {
  const { emergency, stopRecords, watch, charter, ledger, table, pseudonym } = deps;

  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/emergency-stop',
        scope: 'emergency:stop',
        summary: 'Stop everything, everywhere, within five seconds',
        tag: 'emergency',
        body: stopOrder,
        responses: {
          200: { description: 'Everything is denied from now on' },
          202: { description: 'The same, but the ledger is away: the record follows when it can be written' },
          400: { description: 'Longer than the charter allows' },
          403: { description: 'Not a person' },
          409: { description: 'A stop that lasts longer is in force' },
        },
      },
      async (c) => {
        const order = parseWith(stopOrder, await readOptionalJson(c));
        const { by } = personOf(c, 'an emergency stop');
        const rules = (await charter()).documents['charter.yaml'].emergency;
        const duration_seconds = order.duration ?? rules.default_duration;
        if (order.duration !== undefined && duration_seconds > rules.max_duration)
          throw tooLong(rules.max_duration);
        // Stopping comes before its record: if the ledger is what is broken, stopping must still work.
        const state = await emergency.stop({
          by,
          reason: order.reason,
          duration_seconds,
          asked: order.duration !== undefined,
        });
        const receipt = await stopRecords.order(state, onRecord(c, 'system.emergency_stop', {}));
        if (receipt === undefined) return c.json({ ...view(state), audit_logged: false }, 202);
        return c.json({ ...view(state), audit_logged: true, receipt: { ...receipt } });
      },
    );

    const release = async (c: Ctx) => {
      const { by } = personOf(c, 'a release');
      const { release_quorum: quorum } = (await charter()).documents['charter.yaml'].emergency;
      // What is released has to be on record: voices count from there on.
      watch.forget();
      const before = await watch.current();
      if (before.state === 'stopped' && before.record === undefined) await stopRecords.found(before);
      let receipt: Receipt | undefined;
      const { voices } = await emergency.askRelease(by, async () => {
        receipt = await ledger.append(
          onRecord(c, 'system.emergency_release', { step: 'asked', quorum, person: { ...by } }),
        );
        return receipt;
      });
      const released = voices.length >= quorum;
      if (released) {
        // Releasing comes after its record: without a ledger nothing is let run again.
        receipt = await ledger.append(
          onRecord(c, 'system.emergency_release', { step: 'released', quorum, voices: [...voices] }),
        );
        await emergency.end(receipt.id);
      }
      const missing = Math.max(0, quorum - voices.length);
      const body = { released, missing, ...view(await watch.current()), receipt: { ...receipt } };
      return c.json(body, released ? 200 : 202);
    };

    /** Throws CHARTER_DENIED for whoever is nobody's person. */
    const personOf = (c: Ctx, what: string): { by: Marked } => {
      const principal = c.get('principal');
      const reason = notAPerson(principal, what);
      if (reason !== undefined)
        throw new ChanceryError('CHARTER_DENIED', reason.message, { reasons: [reason] });
      return { by: deps.marked(principal) };
    };

    // The same order under each of the names that somebody in a hurry may try.
    for (const [method, path] of [
      ['post', '/emergency-stop/release'],
      ['post', '/emergency-release'],
      ['delete', '/emergency-stop'],
    ] as const) {
      mount(
        {
          method,
          path,
          scope: 'emergency:release',
          summary: 'Ask for release; two different people within 15 minutes release',
          tag: 'emergency',
          responses: {
            200: { description: 'Released' },
            202: { description: 'Another person has to agree' },
            403: { description: 'Not a person' },
            409: {
              description: 'Nothing is stopped, or you have asked already, with this account or another',
            },
          },
        },
        release,
      );
    }

    mount(
      {
        method: 'get',
        path: '/emergency-stop',
        scope: 'system:status',
        summary: 'Whether everything is stopped',
        tag: 'emergency',
        responses: { 200: { description: 'The state, as this process knows it' } },
      },
      async (c) => c.json({ ...view(await watch.current()), draining: watch.draining() }),
    );

    mount(
      {
        method: 'post',
        path: '/drain',
        scope: 'system:maintenance',
        summary: 'Finish what runs and take no new work',
        tag: 'emergency',
        body: drainOrder,
        responses: {
          200: { description: 'Nothing runs any more' },
          202: { description: 'Something still runs' },
        },
      },
      async (c) => {
        const order = parseWith(drainOrder, await readOptionalJson(c));
        const { until, heard } = await emergency.drain(order.for_seconds);
        await watch.current();
        const draining = order.for_seconds > 0;
        // "Nothing runs" would be no answer while another process may still begin something.
        if (draining) await deps.wait(Math.max(0, heard - deps.clock()));
        const left = await settle(deps, draining ? order.timeout_seconds : 0);
        const receipt = await ledger.append(
          onRecord(c, 'system.drain', {
            draining,
            until: iso(until),
            timeout_seconds: order.timeout_seconds,
            running: left,
          }),
        );
        const body = {
          draining,
          drained: draining && left === 0,
          running: left,
          until: iso(until),
          receipt: { ...receipt },
        };
        return c.json(body, left > 0 && draining ? 202 : 200);
      },
    );

    mount(
      {
        method: 'delete',
        path: '/rate-limits/:sub',
        scope: 'admin:users:write',
        summary: "Set a principal's rate counters back",
        tag: 'limits',
        query: whoseQuery,
        responses: { 200: { description: 'The counters start anew' } },
      },
      async (c) => {
        const { issuer } = readQuery(c, whoseQuery);
        const who = personNamed(deps.issuers, c.req.param('sub') ?? '', issuer);
        const { pk, sk } = standingKey(pseudonym(who));
        await table.merge(pk, sk, resetCounters(await charter()));
        const receipt = await ledger.append(
          onRecord(c, 'admin.config_changed', { what: 'rate_limits_reset', subject: pseudonym(who) }),
        );
        return c.json({
          reset: true,
          sub: who.sub,
          issuer: deps.issuers.nameOf(who.issuer),
          receipt: { ...receipt },
        });
      },
    );
  };
}

/** API Gateway cuts a request off after 29 s (its quota of the integration's timeout). */
const LONGEST_WAIT_MS = 15_000;
/** Each look reads the ledger from where the last sweep left off. */
const LOOK_MS = 250;

/** Waits until nothing runs; returns how many still do when the time is over. */
async function settle({ running, wait }: EmergencyRoutesDeps, timeout_seconds: number): Promise<number> {
  const patience = Math.min(timeout_seconds * 1000, LONGEST_WAIT_MS);
  let left = await running();
  for (let waited = 0; waited < patience && left > 0; waited += LOOK_MS) {
    await wait(LOOK_MS);
    left = await running();
  }
  return left;
}

function view(state: EmergencyState): JsonObject {
  return state.state === 'stopped'
    ? {
        state: state.state,
        reason: state.reason,
        since: iso(state.since),
        until: iso(state.until),
        releases: state.releases,
      }
    : { state: state.state };
}

function tooLong(most: number): ChanceryError {
  const message = `A stop lasts ${most} seconds at most, as the charter says; stop again before it ends.`;
  return new ChanceryError('VALIDATION_ERROR', message, {
    reasons: [{ code: 'duration_too_long', path: '/duration', message, kind: 'invalid' }],
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
