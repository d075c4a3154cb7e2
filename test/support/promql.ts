/** PromQL as Prometheus' own grammar reads it, for rules and panels. */
import { parser } from '@prometheus-io/lezer-promql';

const VARIABLES: readonly (readonly [RegExp, string])[] = [
  [/\$__rate_interval|\$__interval/g, '1m'],
  [/\$__range/g, '1h'],
  [/\$\{?\w+(:\w+)?\}?/g, 'x'],
];

/** Grafana's variables as Prometheus would get them. */
export const substituted = (expr: string): string =>
  VARIABLES.reduce((text, [variable, value]) => text.replace(variable, value), expr);

/** Where the grammar does not fit; empty for a well-formed expression. */
export function syntaxErrors(expr: string): string[] {
  const found: string[] = [];
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) found.push(`at ${node.from}: ${expr.slice(node.from, node.from + 20)}`);
    },
  });
  return found;
}

/** The `chancery_` metrics that an expression reads, without prefix. */
export const metricsIn = (expr: string): string[] => [
  ...new Set([...expr.matchAll(/\bchancery_([a-z0-9_]+)/g)].map((match) => match[1] ?? '')),
];
