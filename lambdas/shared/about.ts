/** Which build this function is, as the metrics say it. */
import { type Build, SPEC } from '../../src/office/readings.ts';
import type { AwsWorld } from './world.ts';

export const aboutOf = ({ settings, clock }: AwsWorld): Build => ({
  version: settings.CODE_VERSION,
  commit: settings.CODE_COMMIT,
  spec: SPEC,
  started_at: clock(),
});
