/** The colours of a panel: those it names, else the thresholds of its alerts, so that line and alert agree. */
import type { AlertRule } from '../src/watch/alerts/rules/rule.ts';
import { alertNamed } from '../src/watch/alerts/rules/rules.ts';
import type { Panel, Step } from './panel.ts';

const colorOf = (rule: AlertRule): Step['color'] => (rule.severity === 'critical' ? 'red' : 'yellow');

/** `strictly` above zero has no number of its own: the smallest that a rate or a count can show. */
const JUST_ABOVE_ZERO = 1e-9;

export function stepsOf(panel: Panel): readonly Step[] {
  if (panel.steps !== undefined) return panel.steps;
  const rules = (panel.limits ?? []).flatMap((name) => alertNamed(name) ?? []);
  const below = rules.filter((rule) => rule.bad === 'below').sort((a, b) => a.threshold - b.threshold);
  const above = rules.filter((rule) => rule.bad === 'above').sort((a, b) => a.threshold - b.threshold);
  const ground: Step = { at: null, color: below[0] === undefined ? 'green' : colorOf(below[0]) };
  const rising = below.map((rule, index): Step => {
    const next = below[index + 1];
    return { at: rule.threshold, color: next === undefined ? 'green' : colorOf(next) };
  });
  const over = above.map((rule): Step => ({ at: rule.threshold || JUST_ABOVE_ZERO, color: colorOf(rule) }));
  return [ground, ...rising, ...over];
}
