/** Whether a metric sample may be collected. */
import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Collected, Collection } from '../../src/govern/cases/attempts.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { metaOf } from '../../src/ledger/record.ts';
import { readJson } from '../body.ts';
import { callerOf } from '../recorded.ts';
import type { RouteFamily } from '../routes.ts';

export interface CollectionRoutesDeps {
  readonly collection: Collection;
  /** An emergency stop denies collection too. */
  readonly stopped: () => Promise<boolean>;
}

const MAX_SAMPLES = 100;

const sample = closed({
  metric_name: z.string(),
  value: z.union([z.number(), z.string(), z.boolean()]),
  timestamp: z.union([z.string(), z.number()]),
  source: z.string(),
});

export function collectionRoutes({ collection, stopped }: CollectionRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/charter/metrics/validate',
        scope: 'decisions:evaluate',
        summary: 'May this sample be collected; also takes a list of up to 100, and answers a list',
        tag: 'charter',
        sanctioned: 'told',
        // One sample alone is told of: clients made from `X or a list of X` do not compile in every language.
        body: sample,
        responses: {
          200: {
            description:
              'ALLOW, REJECT or BLOCK, for each sample in order; of whom a sanction holds back, nothing is allowed',
          },
        },
      },
      async (c) => {
        const body = await readJson(c);
        if (Array.isArray(body) && body.length > MAX_SAMPLES) {
          throw new ChanceryError(
            'VALIDATION_ERROR',
            `At most ${MAX_SAMPLES} samples at once, not ${body.length}.`,
            {
              reasons: [
                { code: 'too_many_samples', path: '', message: `more than ${MAX_SAMPLES}`, kind: 'invalid' },
              ],
            },
          );
        }
        if (await stopped()) {
          throw new ChanceryError(
            'EMERGENCY_STOP',
            'An emergency stop is in force; nothing may be collected.',
          );
        }
        const caller = callerOf(c);
        const sanctioned = c.get('sanctioned');
        const by = {
          who: caller.principal,
          trace: caller.trace,
          meta: metaOf(caller),
          ...(sanctioned === undefined ? {} : { sanctioned }),
        };
        const submit = async (one: Json) => answerOf(await collection.submit(one, by));
        const answers = await Promise.all((Array.isArray(body) ? body : [body]).map(submit));
        if (Array.isArray(body)) return c.json(answers);
        const [answer] = answers;
        c.set('governed', answer?.enforcement_action !== 'ALLOW');
        return c.json(answer);
      },
    );
  };
}

function answerOf(collected: Collected): JsonObject {
  const { sample: judged, receipt, case: moved, errors, warnings, access_roles, ...rest } = collected;
  return {
    ...rest,
    metric_name: judged.metric_name,
    source: judged.source,
    errors: [...errors],
    warnings: [...warnings],
    ...(access_roles === undefined ? {} : { access_roles: [...access_roles] }),
    ...(moved
      ? { violation: { violation_id: moved.id, severity: moved.severity, attempts: moved.attempts } }
      : {}),
    receipt: { id: receipt.id, record_hash: receipt.record_hash },
  };
}
