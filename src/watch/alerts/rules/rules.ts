/** All alerts, and how to find one. The service-level burn rates come from `src/watch/slo` and join at rendering. */
import { BUSINESS } from './business.ts';
import { CHARTER } from './charter.ts';
import { GATEWAY } from './gateway.ts';
import { INFRASTRUCTURE } from './infrastructure.ts';
import { LEDGER } from './ledger.ts';
import type { AlertRule, PrometheusRule } from './rule.ts';
import { SECURITY } from './security.ts';

const DECLARED = [...GATEWAY, ...SECURITY, ...CHARTER, ...LEDGER, ...INFRASTRUCTURE, ...BUSINESS] as const;

export const ALERTS: readonly AlertRule[] = DECLARED;

/** A name that is no alert does not compile: panels take their thresholds and runbook links by it. */
export type AlertName = (typeof DECLARED)[number]['name'];

export const PROMETHEUS_ALERTS: readonly PrometheusRule[] = ALERTS.filter(
  (rule): rule is PrometheusRule => rule.source === 'prometheus',
);

/**
 * Whether CloudWatch must tell of it in every environment: of what is one in it. An alarm for each function says
 * which of them it is; that one fails, every function's own alarm of errors tells too.
 */
export const isVital = ({ aws }: AlertRule): boolean => aws !== undefined && aws.subject !== 'function';

const BY_NAME: ReadonlyMap<string, AlertRule> = new Map(ALERTS.map((rule) => [rule.name, rule]));

/** Undefined for names of other origins: a service-level alert, somebody else's rule. */
export const alertNamed = (name: string): AlertRule | undefined => BY_NAME.get(name);
