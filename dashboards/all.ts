/** The nine dashboards, in the order in which one opens them. */
import { ENFORCEMENT } from './enforcement.ts';
import { GOVERNANCE } from './governance.ts';
import { OPERATIONS } from './operations.ts';
import { OVERVIEW } from './overview.ts';
import type { Dashboard } from './panel.ts';
import { PERFORMANCE } from './performance.ts';
import { SECURITY } from './security.ts';
import { SLO } from './slo.ts';
import { TOOLS } from './tools.ts';
import { VIOLATIONS } from './violations.ts';

export const DASHBOARDS: readonly Dashboard[] = [
  OVERVIEW,
  GOVERNANCE,
  VIOLATIONS,
  ENFORCEMENT,
  TOOLS,
  PERFORMANCE,
  SECURITY,
  OPERATIONS,
  SLO,
];
