/** Missions: an aim declared once for the calls that follow from it, bounded in time, tools and count. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { parseGoverned } from '../../src/aim/request.ts';
import { checkAim } from '../../src/aim/rules.ts';
import { duration } from '../../src/basics/duration.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { ToolOffice } from '../../src/gate/tool-call.ts';
import { TOOL_SCOPE } from '../../src/gate/tool-question.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Mission } from '../../src/tools/missions.ts';
import { parseWith, readJson } from '../body.ts';
import { callerOf } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';

const MOST_SECONDS = 7 * 86_400;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const missionBody = closed({
  /** {actor, input, mission} as in a governed request, and `drag_mode` if it is not `execute`. */
  aim: z.custom<JsonObject>(isObject, 'must be an object'),
  /** `server.tool`, or `server.*` for all of one server. */
  tools: z
    .array(z.string().regex(/^[^*\s]{1,256}(?:\.\*)?$/, 'server.tool, or server.*'))
    .min(1)
    .max(100),
  duration: duration.refine((seconds) => seconds <= MOST_SECONDS, 'is 7d at most').prefault('1h'),
  max_calls: z.int().min(1).max(100_000).default(100),
});

export function missionRoutes({ office }: { readonly office: ToolOffice }): RouteFamily {
  const own = async (c: Ctx): Promise<Mission> => {
    const mission = await office.missions.get(c.get('principal'), c.req.param('id') ?? '');
    if (mission === undefined)
      throw new ChanceryError('NOT_FOUND', 'You have registered no mission of this id.');
    return mission;
  };

  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/missions',
        scope: TOOL_SCOPE,
        summary: 'Declare what the calls of tools that follow are for',
        tag: 'missions',
        body: missionBody,
        responses: {
          201: { description: 'Registered and recorded' },
          400: { description: 'The AIM rules or the shape refuse it' },
        },
      },
      async (c) => {
        const { aim, tools, duration, max_calls } = parseWith(missionBody, await readJson(c));
        const caller = callerOf(c);
        const { drag_mode = 'execute', ...declared } = aim;
        const parsed = parseGoverned({ workflow_name: 'mission', drag_mode, aim: declared, parameters: {} });
        const reasons = parsed.ok ? checkAim(parsed.request, caller.principal) : parsed.reasons;
        const [first] = reasons;
        if (first !== undefined)
          throw new ChanceryError(
            'GOVERNANCE_VALIDATION_FAILED',
            `${first.path ?? '/aim'}: ${first.message}`,
            { reasons },
          );
        const asked = { aim, tools, max_calls, duration_seconds: duration };
        const { mission, receipt } = await office.missions.register(caller, asked);
        c.set('context', { mission_id: mission.mission_id });
        return c.json({ ...viewOf(mission, 0, office.clock()), receipt: receiptBody(receipt) }, 201, {
          location: `/missions/${mission.mission_id}`,
        });
      },
    );

    mount(
      {
        method: 'get',
        path: '/missions/:id',
        scope: TOOL_SCOPE,
        summary: "One of one's own missions",
        tag: 'missions',
      },
      async (c) => {
        const mission = await own(c);
        return c.json(viewOf(mission, await office.missions.used(mission), office.clock()));
      },
    );

    mount(
      {
        method: 'delete',
        path: '/missions/:id',
        scope: TOOL_SCOPE,
        summary: 'End a mission: no further call is made for it',
        tag: 'missions',
      },
      async (c) => {
        const mission = await own(c);
        const used = await office.missions.used(mission);
        if (mission.ended) return c.json(viewOf(mission, used, office.clock()));
        const receipt = await office.missions.end(callerOf(c), mission);
        return c.json({
          ...viewOf({ ...mission, ended: true }, used, office.clock()),
          receipt: receiptBody(receipt),
        });
      },
    );
  };
}

function viewOf(
  { mission_id, tools, max_calls, expires_at, ended, aim }: Mission,
  used: number,
  now: number,
): JsonObject {
  return {
    mission_id,
    status: ended ? 'ended' : now >= expires_at ? 'expired' : used >= max_calls ? 'used_up' : 'open',
    tools: [...tools],
    max_calls,
    calls: Math.min(used, max_calls),
    expires_at: new Date(expires_at).toISOString(),
    aim,
  };
}
