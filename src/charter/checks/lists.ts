/** Phrases, metrics, limits and remediation: lists that must agree with themselves and with each other. */
import { faultOf, WORD_CLASSES } from '../../aim/phrase-form.ts';
import { nearest } from '../../basics/nearest.ts';
import { HEALING_ACTIONS, SEVERITIES, type Severity } from '../../terms.ts';
import type { CharterCheck } from './check.ts';
import { nearestScope } from './nearest-scope.ts';

export const phrases: CharterCheck = ({ 'phrases.yaml': { prescriptive, neutral } }, note) => {
  const seen = new Map<string, string>();
  for (const [type, list] of Object.entries(prescriptive)) {
    list.forEach((phrase, index) => {
      const path = ['prescriptive', type, index];
      const plain = phrase.toLowerCase().trim();
      const other = seen.get(plain);
      if (other !== undefined)
        note(
          'phrases.yaml',
          path,
          'duplicate_phrase',
          `"${phrase}" is also a ${other}`,
          'Keep it under one type.',
        );
      seen.set(plain, type);
      if (phrase !== plain)
        note(
          'phrases.yaml',
          path,
          'phrase_form',
          `"${phrase}" is not in lower case without outer blanks`,
          `Write it as "${plain}".`,
        );
      const fault = faultOf(phrase);
      if (fault?.code === 'unknown_word_class') {
        const near = nearest(fault.name, WORD_CLASSES);
        note(
          'phrases.yaml',
          path,
          fault.code,
          `no class of words is called {${fault.name}}, so "${phrase}" would never be found`,
          near === undefined ? `Name one of ${WORD_CLASSES.join(', ')}.` : `Did you mean {${near}}?`,
        );
      } else if (fault?.code === 'word_class_place') {
        note(
          'phrases.yaml',
          path,
          fault.code,
          `{${fault.name}} looks at what follows a phrase, and does not stand last in "${phrase}"`,
          'Put it last, behind at least one word.',
        );
      }
      if (neutral.some((offer) => offer.toLowerCase().includes(plain))) {
        note(
          'phrases.yaml',
          path,
          'phrase_in_neutral',
          `"${phrase}" stands in a neutral wording`,
          'A rewrite must not prescribe: change one of them.',
        );
      }
    });
  }
};

export const metrics: CharterCheck = ({ 'metrics.yaml': { allowed, forbidden, ladder } }, note) => {
  const names = allowed.map(({ name }) => name);
  const blocked = forbidden.map(({ name }) => name);
  for (const [list, all] of [
    ['allowed', names],
    ['forbidden', blocked],
  ] as const) {
    all.forEach((name, index) => {
      if (all.indexOf(name) !== index)
        note(
          'metrics.yaml',
          [list, index, 'name'],
          'duplicate_metric',
          `${name} is listed twice`,
          'List each metric once.',
        );
    });
  }
  blocked.forEach((name, index) => {
    if (names.includes(name)) {
      note(
        'metrics.yaml',
        ['forbidden', index, 'name'],
        'metric_on_both_lists',
        `${name} is allowed and forbidden`,
        'Keep it on one list.',
      );
    }
  });
  let attempts = 1;
  let severity = SEVERITIES.indexOf(ladder.first);
  ladder.steps.forEach((step, index) => {
    if (step.attempts <= attempts || SEVERITIES.indexOf(step.severity) <= severity) {
      note(
        'metrics.yaml',
        ['ladder', 'steps', index],
        'ladder_not_rising',
        'a step is not above the one before it',
        'Each step needs more attempts and a higher severity.',
      );
    }
    attempts = step.attempts;
    severity = SEVERITIES.indexOf(step.severity);
  });
};

export const limits: CharterCheck = ({ 'limits.yaml': limit, 'roles.yaml': { scopes } }, note) => {
  const ids = limit.rate_limits.map(({ id }) => id);
  limit.rate_limits.forEach(({ id, scope }, index) => {
    if (ids.indexOf(id) !== index)
      note(
        'limits.yaml',
        ['rate_limits', index, 'id'],
        'duplicate_limit',
        `two limits are called ${id}`,
        'Give each limit an id of its own: they would share a counter.',
      );
    if (scope !== undefined && !scopes.includes(scope)) {
      note(
        'limits.yaml',
        ['rate_limits', index, 'scope'],
        'unknown_scope',
        `no scope is called ${scope}`,
        nearestScope(scope, scopes),
      );
    }
  });
  for (const list of ['quotas', 'budgets'] as const) {
    const names = limit[list].map(({ workflow }) => workflow);
    names.forEach((name, index) => {
      if (names.indexOf(name) !== index)
        note(
          'limits.yaml',
          [list, index, 'workflow'],
          'duplicate_limit',
          `${name} has two ${list}`,
          'Keep one.',
        );
    });
  }
  limit.budgets.forEach(({ cost_dollars, budget_dollars }, index) => {
    if (cost_dollars > budget_dollars) {
      note(
        'limits.yaml',
        ['budgets', index, 'budget_dollars'],
        'budget_below_cost',
        'the budget does not pay for one run',
        'Raise the budget or lower the cost.',
      );
    }
  });
};

const REMEDIES: readonly string[] = HEALING_ACTIONS.filter((action) => action !== 'restore');

export const remediation: CharterCheck = (
  { 'remediation.yaml': { violations, healing }, 'charter.yaml': { violation_policy } },
  note,
) => {
  if (violations.other === undefined) {
    note(
      'remediation.yaml',
      ['violations'],
      'no_other_violation',
      'conduct of no listed type has no severity',
      'Add "other".',
    );
  }
  for (const [type, { severity, term }] of Object.entries(violations)) {
    if ((severity === 'BAN') !== (term !== undefined)) {
      note(
        'remediation.yaml',
        ['violations', type],
        'ban_term',
        severity === 'BAN' ? `${type} bans without a term` : `${type} has a term and is no ban`,
        'A ban has a term (P1Y, permanent); nothing else has one.',
      );
    }
  }
  const strength = (level: Severity) => REMEDIES.indexOf(healing.actions[level]);
  for (const { level, action } of violation_policy) {
    const path = ['healing', 'actions', level];
    const below = SEVERITIES.slice(0, SEVERITIES.indexOf(level));
    const harsher = below.find((milder) => strength(milder) > strength(level));
    if (healing.actions[level] !== action) {
      note(
        'remediation.yaml',
        path,
        'action_mismatch',
        `${level} heals by ${healing.actions[level]}, the violation policy says ${action}`,
        'Use the same action in both.',
      );
    } else if (strength(level) < 0) {
      const fix = `Use one of ${REMEDIES.join(', ')}.`;
      note('remediation.yaml', path, 'unknown_action', `nothing does ${action}`, fix);
    } else if (harsher !== undefined) {
      note(
        'remediation.yaml',
        path,
        'action_milder',
        `${level} has a milder action than ${harsher}`,
        'No severity has a milder action than one below it.',
      );
    }
  }
};
