/** What a gateway tells of its connections: somebody comes, says something, leaves. What they are told is the broadcaster's. */
import { ChanceryError } from '../../../errors.ts';
import type { TableReader } from '../../../ledger/entry.ts';
import { headOf } from '../../../ledger/places/reading-on.ts';
import type { Ledger } from '../../../ledger/record.ts';
import type { Clock, Ids, Meter } from '../../../ports.ts';
import { heartbeatMessage, MAX_INCOMING, MAX_SAID, parseIncoming } from '../messages.ts';
import { recordConnect } from '../on-record.ts';
import { formatCursor } from '../position.ts';
import type { LiveLimits, Reservation, Seating, Visitor } from '../visitor.ts';
import { claimEnd, seeOff } from './farewell.ts';
import type { Roster } from './roster.ts';

export interface ReceptionDeps {
  readonly roster: Roster;
  readonly ledgerTable: TableReader;
  readonly ledger: Ledger;
  /** The name of the log: cursors are good for it alone. */
  readonly origin: string;
  /** Whether roles hold the scope of the feed. */
  readonly rolesSuffice: (roles: readonly string[]) => boolean;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly meter: Meter;
  readonly limits?: LiveLimits;
}

/** Each is posted to by itself, by one broadcaster. */
export const GATEWAY_LIMITS: LiveLimits = { connections: 500, perPrincipal: 50 };

export interface Reception {
  /** A place under the gateway's name for the connection. Throws STORE_UNAVAILABLE. */
  seat(visitor: Visitor, gateway?: string): Promise<Seating<Reservation>>;
  /** @returns what to answer; undefined: nothing. `ends`: the connection is to be ended by the broadcaster. */
  said(gateway: string, text: string): Promise<{ readonly answer?: string; readonly ends: boolean }>;
  /** @param code of its close frame (RFC 6455 §7.4) as the gateway saw it. Throws LEDGER_UNAVAILABLE. */
  left(gateway: string, code: number | undefined): Promise<void>;
}

/** No close frame came (RFC 6455 §7.1.5). */
const ABNORMAL = 1006;

export function openReception(deps: ReceptionDeps): Reception {
  const { roster, ledgerTable, ledger, origin, clock, ids, meter, limits = GATEWAY_LIMITS } = deps;

  async function open(): Promise<readonly { readonly pseudonym: string }[]> {
    const listed = await roster.all();
    const found = listed.filter(({ kept }) => kept.ending === undefined).map(({ kept }) => kept);
    meter.set('ws_connections', {}, found.length);
    return found;
  }

  return {
    async seat(visitor, gateway) {
      if (gateway === undefined) throw new TypeError('a gateway names its connections');
      const { pseudonym, trace, meta, wanted, expires_at, who } = visitor;
      const connection_id = ids('conn');
      const now = clock();
      const from = visitor.from ?? (await headOf(ledgerTable));
      const taken = await roster.add(gateway, {
        connection_id,
        pseudonym,
        trace,
        meta: Object.fromEntries(Object.entries(meta).map(([name, value]) => [name, String(value)])),
        roles: [...who.roles],
        by_roles: deps.rolesSuffice(who.roles),
        wanted: { ...wanted, types: [...wanted.types] },
        cursor: formatCursor(from, origin),
        since: now,
        expires_at,
        greeted: false,
        spoken: now,
        messages: 0,
        sent: { records: 0, bytes: 0 },
        summed: now,
      });
      if (taken === undefined) throw new TypeError('the gateway gave one name to two connections');
      // Counted when the place is taken: of those that come at once too many may be refused, never too few.
      const all = await open();
      const same = all.filter((each) => each.pseudonym === pseudonym);
      const full =
        all.length > limits.connections
          ? ({ full: 'process', limit: limits.connections } as const)
          : same.length > limits.perPrincipal
            ? ({ full: 'principal', limit: limits.perPrincipal } as const)
            : undefined;
      if (full !== undefined) {
        await roster.remove(gateway);
        return full;
      }
      return {
        seat: {
          connection_id,
          async record() {
            try {
              const { id } = await recordConnect(ledger, visitor, connection_id);
              const kept = await roster.replace(taken, { ...taken.kept, record: id });
              if (kept === undefined)
                throw new ChanceryError('STORE_UNAVAILABLE', 'The connection was given up meanwhile.');
            } catch (error) {
              await roster.remove(gateway);
              throw error;
            }
          },
        },
      };
    },

    async said(gateway, text) {
      const found = await roster.get(gateway);
      if (found === undefined || found.kept.ending !== undefined) return { ends: false };
      meter.count('ws_messages_total', { direction: 'received' });
      const end = async (ending: 'policy' | 'too_large' | 'malformed') => ({
        ends: (await claimEnd(deps, gateway, ending)) !== undefined,
      });
      if ((await roster.said(gateway)) > MAX_SAID) return end('policy');
      if (Buffer.byteLength(text) > MAX_INCOMING) return end('too_large');
      switch (parseIncoming(text)) {
        case 'ping':
          return { ends: false, answer: heartbeatMessage(found.kept.cursor, clock()) };
        case 'malformed':
          return end('malformed');
        case 'unknown':
          return end('policy');
      }
    },

    async left(gateway, code) {
      const claimed = await claimEnd(deps, gateway, code === ABNORMAL ? 'lost' : 'client');
      if (claimed === undefined) return;
      await open();
      await seeOff(deps, claimed);
    },
  };
}
