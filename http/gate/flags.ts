/** Feature flags of the charter, evaluated for whoever asks. */
import type { Charter } from '../../src/charter/charter.ts';
import { evaluateFlag } from '../../src/charter/flags.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { Meter } from '../../src/ports.ts';
import type { RouteFamily } from '../routes.ts';

export interface FlagRoutesDeps {
  readonly charter: () => Promise<Charter>;
  readonly meter: Meter;
}

export function flagRoutes({ charter, meter }: FlagRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/flags',
        scope: 'decisions:evaluate',
        summary: 'Every feature flag, evaluated for the caller',
        tag: 'flags',
        responses: { 200: { description: '`flags`: name → value and which rule gave it' } },
      },
      async (c) => {
        const inForce = await charter();
        const flags: Record<string, { value: boolean; rule: number | 'default' }> = {};
        for (const name of Object.keys(inForce.documents['flags.yaml'].flags)) {
          const flag = evaluateFlag(inForce, name, c.get('principal'));
          meter.count('feature_flag_evaluations_total', { flag: name, result: flag.value ? 'on' : 'off' });
          if (flag.ok) flags[name] = { value: flag.value, rule: flag.rule };
        }
        return c.json({ flags, charter: { version: inForce.version, digest: inForce.digest } });
      },
    );

    mount(
      {
        method: 'get',
        path: '/flags/:name',
        scope: 'decisions:evaluate',
        summary: 'One feature flag, evaluated for the caller',
        tag: 'flags',
        responses: {
          200: { description: '`value`, and which rule gave it' },
          404: { description: 'No such flag' },
        },
      },
      async (c) => {
        const name = c.req.param('name') ?? '';
        const flag = evaluateFlag(await charter(), name, c.get('principal'));
        if (!flag.ok) {
          // Not the caller's text: a label must not grow by what somebody types.
          meter.count('feature_flag_errors_total', { flag: 'other', error_type: flag.error });
          throw new ChanceryError('NOT_FOUND', `The charter has no flag ${name}; it counts as off.`);
        }
        meter.count('feature_flag_evaluations_total', { flag: name, result: flag.value ? 'on' : 'off' });
        return c.json({ flag: name, value: flag.value, rule: flag.rule });
      },
    );
  };
}
