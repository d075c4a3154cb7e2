/** Missions as they are kept: what bounds one is read from its signed record, and what is left of it agrees with the records. */
import * as z from 'zod';
import { digestJson } from '../basics/digest.ts';
import { Recent } from '../basics/recent.ts';
import type { Caller } from '../decision/question.ts';
import type { Reason } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Justifier } from '../ledger/justified.ts';
import { idOf, type Pseudonym } from '../ledger/people/pseudonym.ts';
import type { Vault } from '../ledger/people/vault.ts';
import { type Ledger, metaOf, type Receipt } from '../ledger/record.ts';
import type { Clock, Ids, Item, Table } from '../ports.ts';
import type { PrincipalId } from '../terms.ts';
import { isOver, keptUntil, missionsOf, usesOf } from './mission.ts';

export interface Mission {
  readonly mission_id: string;
  /** Pseudonym of whoever registered it: it is theirs alone. */
  readonly owner: string;
  /** {actor, input, mission}, and a mode if it is not `execute`. */
  readonly aim: JsonObject;
  /** `server.tool`, or `server.*`. */
  readonly tools: readonly string[];
  readonly max_calls: number;
  /** Milliseconds since the epoch. */
  readonly expires_at: number;
  readonly ended: boolean;
}

export interface Missions {
  register(
    caller: Caller,
    asked: Pick<Mission, 'aim' | 'tools' | 'max_calls'> & { readonly duration_seconds: number },
  ): Promise<{ readonly mission: Mission; readonly receipt: Receipt }>;
  /** One's own, whatever its state. */
  get(who: PrincipalId, mission_id: string): Promise<Mission | undefined>;
  /** How many calls it has been used for. */
  used(mission: Mission): Promise<number>;
  /** One's own, for a call of this tool; or why not. */
  named(who: PrincipalId, mission_id: Json, tool: string): Promise<Mission | Reason>;
  /**
   * The newest of one's own that is for this tool now. Where the call `needs` one it is looked for anew; else that somebody has registered
   * none is believed for a second, in which one that they register through another process may be missed.
   */
  covering(who: PrincipalId, tool: string, needs: boolean): Promise<Mission | undefined>;
  /** Takes one call; a reason when none is left. */
  use(mission: Mission): Promise<Reason | undefined>;
  end(caller: Caller, mission: Mission): Promise<Receipt>;
}

export interface MissionsDeps {
  readonly table: Table;
  readonly ledger: Ledger;
  readonly vault: Vault;
  readonly justifier: Pick<Justifier, 'read'>;
  readonly pseudonym: Pseudonym;
  readonly clock: Clock;
  readonly ids: Ids;
}

const MOST_OWN = 50;
/** Most people register no mission: their calls are spared the look. */
const NONE_MS = 1_000;
const MOST_WITHOUT = 1_000;
const ID = /^mis_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

const recorded = z.object({
  mission_id: z.string(),
  tools: z.array(z.string()),
  max_calls: z.number(),
  expires_at: z.string(),
  aim_digest: z.string(),
});

export function createMissions(deps: MissionsDeps): Missions {
  const { table, ledger, vault, justifier, pseudonym, clock, ids } = deps;
  /** Until when it is believed that an owner has none. */
  let without = new Recent<number>(MOST_WITHOUT);

  async function read(owner: string, item: Item): Promise<Mission | undefined> {
    if (typeof item.record !== 'string' || typeof item.sealed !== 'string') return undefined;
    const [justified, opened] = await Promise.all([justifier.read(item.record), vault.open(item.sealed)]);
    const { record } = justified ?? {};
    const data = recorded.safeParse(record?.data);
    if (record?.type !== 'mission.registered' || record.subject !== owner || !data.success) return undefined;
    const { mission_id, aim_digest, expires_at, ...bounds } = data.data;
    const aim = opened as JsonObject | undefined;
    if (mission_id !== item.sk || aim === undefined || digestJson(aim) !== aim_digest) return undefined;
    return {
      ...bounds,
      mission_id,
      owner,
      aim,
      expires_at: Date.parse(expires_at),
      ended: isOver(item),
    };
  }

  const isOpen = ({ ended, expires_at }: Mission): boolean => !ended && clock() < expires_at;

  const get: Missions['get'] = async (who, mission_id) => {
    if (!ID.test(mission_id)) return undefined;
    const owner = pseudonym(who);
    const item = await table.get(missionsOf(owner), mission_id);
    return item && read(owner, item);
  };

  return {
    get,

    async register(caller, { aim, tools, max_calls, duration_seconds }) {
      const { principal, trace } = caller;
      const owner = pseudonym(principal);
      const mission_id = ids('mis');
      const expires_at = clock() + duration_seconds * 1000;
      const data = {
        mission_id,
        tools: [...tools],
        max_calls,
        expires_at: new Date(expires_at).toISOString(),
        aim_digest: digestJson(aim),
      };
      const receipt = await ledger.append({
        type: 'mission.registered',
        trace,
        who: idOf(principal),
        meta: metaOf(caller),
        data,
        personal: { sub: principal.sub, aim, ...caller.seen },
      });
      await table.put(
        {
          pk: missionsOf(owner),
          sk: mission_id,
          version: 1,
          record: receipt.id,
          sealed: await vault.seal(idOf(principal), aim),
          expires: Math.ceil(keptUntil(expires_at) / 1000),
        },
        'absent',
      );
      without = new Recent(MOST_WITHOUT);
      return { mission: { mission_id, owner, aim, tools, max_calls, expires_at, ended: false }, receipt };
    },

    async used({ owner, mission_id }) {
      return usesOf(await table.get(missionsOf(owner), mission_id));
    },

    async named(who, mission_id, tool) {
      const mission = typeof mission_id === 'string' ? await get(who, mission_id) : undefined;
      if (mission === undefined)
        return refuse('unknown_mission', 'you have registered no mission of this id');
      if (!isOpen(mission)) return refuse('mission_ended', 'this mission has ended; register another');
      if (!covers(mission, tool)) return refuse('mission_tool', `this mission is not for ${tool}`);
      return mission;
    },

    async covering(who, tool, needs) {
      const owner = pseudonym(who);
      // Taken before the look: one that is registered meanwhile makes what was seen old.
      const none = without;
      if (!needs && clock() < (none.get(owner) ?? 0)) return undefined;
      const { items } = await table.query(missionsOf(owner), { reverse: true, limit: MOST_OWN });
      if (items.length === 0) none.keep(owner, clock() + NONE_MS);
      for (const item of items) {
        const mission = await read(owner, item);
        if (mission !== undefined && isOpen(mission) && covers(mission, tool)) return mission;
      }
      return undefined;
    },

    async use({ owner, mission_id, max_calls }) {
      const [pk, message] = [missionsOf(owner), `this mission was for ${max_calls} calls; register another`];
      const usedUp = refuse('mission_used_up', message, 'forbidden');
      // Read first: a count that somebody set back is put right where it is read, and then there is none left to take.
      if (usesOf(await table.get(pk, mission_id)) >= max_calls) return usedUp;
      const item = await table.add(pk, mission_id, [{ name: 'calls', window: 0, by: 1 }]);
      return usesOf(item) > max_calls ? usedUp : undefined;
    },

    async end(caller, mission) {
      const { principal, trace } = caller;
      const receipt = await ledger.append({
        type: 'mission.ended',
        trace,
        who: idOf(principal),
        meta: metaOf(caller),
        data: { mission_id: mission.mission_id, how: 'by_owner' },
      });
      await table.merge(missionsOf(mission.owner), mission.mission_id, { ended: receipt.id });
      return receipt;
    },
  };
}

function covers({ tools }: Mission, tool: string): boolean {
  return tools.some((one) => one === tool || (one.endsWith('.*') && tool.startsWith(one.slice(0, -1))));
}

function refuse(code: string, message: string, kind: Reason['kind'] = 'invalid'): Reason {
  return { code, path: '/_meta/org.chancery~1mission', message, kind };
}
