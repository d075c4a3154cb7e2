/**
 * What the documents of a bundle must be to each other. Each check is one rule, named by the code of its
 * problem; `docs/charter.md` lists them.
 */

import type { Problem } from '../problem.ts';
import { SEVERITIES } from '../terms.ts';
import type { Path, YamlFile } from '../yaml.ts';
import type { DocumentName, Documents } from './documents.ts';

/** Notes a problem at a place in a document. */
type Note = (file: DocumentName, path: Path, code: string, message: string, fix: string) => void;
type Check = (documents: Documents, note: Note) => void;

export function checkMeaning(documents: Documents, sources: ReadonlyMap<DocumentName, YamlFile>): Problem[] {
  const problems: Problem[] = [];
  const note: Note = (file, path, code, message, fix) => {
    const place = sources.get(file)?.locate(path) ?? { line: 1, column: 1 };
    problems.push({ file, ...place, code, message, fix });
  };
  for (const check of CHECKS) check(documents, note);
  return problems;
}

const levels: Check = ({ 'charter.yaml': { violation_policy } }, note) => {
  violation_policy.forEach(({ level }, index) => {
    if (level === SEVERITIES[index]) return;
    note(
      'charter.yaml',
      ['violation_policy', index, 'level'],
      'level_order',
      `level ${index + 1} is ${level}, expected ${SEVERITIES[index]}`,
      `List each level once, mildest first: ${SEVERITIES.join(', ')}.`,
    );
  });
};

const approvals: Check = ({ 'charter.yaml': { approvals: rows, approval_at_risk } }, note) => {
  for (const [index, { risk }] of rows.entries()) {
    if (risk !== index + 1) {
      note(
        'charter.yaml',
        ['approvals', index, 'risk'],
        'approval_order',
        `row ${index + 1} is for risk ${risk}`,
        'List risk 1 to 5 once each, in order.',
      );
    }
  }
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    if (before !== undefined && row.quorum < before.quorum) {
      note(
        'charter.yaml',
        ['approvals', index, 'quorum'],
        'quorum_falls',
        `risk ${row.risk} needs fewer people than risk ${before.risk}`,
        'A higher risk never needs fewer people.',
      );
    }
  }
  const top = rows[4];
  if (top !== undefined && top.quorum < 2) {
    note(
      'charter.yaml',
      ['approvals', 4, 'quorum'],
      'quorum_too_small',
      'risk 5 can be approved by one person',
      'Risk 5 needs a quorum of at least 2.',
    );
  }
  const { permissive, strict, paranoid } = approval_at_risk;
  if (paranoid > strict || (permissive !== 'never' && strict > permissive)) {
    note(
      'charter.yaml',
      ['approval_at_risk'],
      'mode_order',
      'a stricter mode asks for approval later than a milder one',
      'Keep paranoid ≤ strict ≤ permissive.',
    );
  }
};

const committee: Check = ({ 'charter.yaml': charter, 'roles.yaml': { roles } }, note) => {
  const { committee: body } = charter;
  if (body.quorum > body.size) {
    note(
      'charter.yaml',
      ['committee', 'quorum'],
      'quorum_beyond_size',
      `${body.quorum} votes of ${body.size} members`,
      'The quorum is at most the size.',
    );
  }
  if (body.quorum < 2) {
    note(
      'charter.yaml',
      ['committee', 'quorum'],
      'quorum_too_small',
      'one person could change the charter',
      'Ask for at least 2 votes.',
    );
  }
  const role = roles[body.role];
  if (role === undefined) {
    note(
      'charter.yaml',
      ['committee', 'role'],
      'unknown_role',
      `no role is called ${body.role}`,
      'Name a role of roles.yaml.',
    );
  } else if (!role.scopes.includes('charter:activate')) {
    note(
      'charter.yaml',
      ['committee', 'role'],
      'committee_cannot_decide',
      `${body.role} does not hold charter:activate`,
      'Give the role charter:activate, or name one that holds it.',
    );
  }
  if (charter.emergency.default_duration > charter.emergency.max_duration) {
    note(
      'charter.yaml',
      ['emergency', 'default_duration'],
      'emergency_duration',
      'the default is longer than the longest',
      'Keep default_duration ≤ max_duration.',
    );
  }
};

const accessControl: Check = ({ 'charter.yaml': { access_control }, 'roles.yaml': { roles } }, note) => {
  for (const [level, names] of Object.entries(access_control)) {
    names.forEach((name, index) => {
      if (roles[name] === undefined) {
        note(
          'charter.yaml',
          ['access_control', level, index],
          'unknown_role',
          `no role is called ${name}`,
          'Name a role of roles.yaml.',
        );
      }
    });
  }
};

/** Scopes that Chancery's own routes are guarded by: a charter that forgets one locks people out of it. */
const ROUTE_SCOPES = [
  'workflows:read',
  'workflows:execute',
  'decisions:evaluate',
  'ledger:read',
  'ledger:export',
  'charter:read',
  'charter:write',
  'charter:activate',
  'approvals:read',
  'approvals:decide',
  'violations:report',
  'violations:read',
  'violations:decide',
  'sanctions:read',
  'sanctions:write',
  'revocations:write',
  'metrics:read',
  'slo:read',
  'system:status',
  'system:maintenance',
  'emergency:stop',
  'emergency:release',
  'admin:read',
  'admin:write',
] as const;

const roles: Check = ({ 'roles.yaml': { scopes, roles: all } }, note) => {
  const known = new Set(scopes);
  scopes.forEach((scope, index) => {
    if (scopes.indexOf(scope) !== index) {
      note(
        'roles.yaml',
        ['scopes', index],
        'duplicate_scope',
        `${scope} is listed twice`,
        'List each scope once.',
      );
    }
  });
  for (const scope of ROUTE_SCOPES) {
    if (!known.has(scope))
      note(
        'roles.yaml',
        ['scopes'],
        'missing_scope',
        `${scope} guards a route and is not listed`,
        `Add ${scope} to the list of scopes.`,
      );
  }
  for (const [name, role] of Object.entries(all)) {
    role.scopes.forEach((scope, index) => {
      const path = ['roles', name, 'scopes', index];
      if (!known.has(scope)) {
        note(
          'roles.yaml',
          path,
          'unknown_scope',
          `${name} holds ${scope}, which is not listed under scopes`,
          didYouMean(scope, scopes),
        );
      }
      if (role.scopes.indexOf(scope) !== index) {
        note('roles.yaml', path, 'duplicate_scope', `${name} holds ${scope} twice`, 'Remove one.');
      }
      if (role.read_only && !scope.endsWith(':read')) {
        note(
          'roles.yaml',
          path,
          'write_in_read_only_role',
          `${name} is read-only and holds ${scope}`,
          'Remove the scope, or drop read_only.',
        );
      }
    });
    if (name.endsWith('_readonly') && !role.read_only) {
      note(
        'roles.yaml',
        ['roles', name],
        'read_only_not_declared',
        `${name} is not declared read_only`,
        'Add read_only: true, so that its scopes are checked.',
      );
    }
    // One person must not be able both to stop the committee's check and to be it.
    if (role.scopes.includes('charter:write') && role.scopes.includes('charter:activate')) {
      note(
        'roles.yaml',
        ['roles', name],
        'duties_not_separate',
        `${name} both writes and activates charters`,
        'Give charter:write and charter:activate to different roles.',
      );
    }
    if (
      name === 'agent' &&
      role.scopes.some((scope) =>
        /^(approvals:decide|emergency:|charter:(write|activate)|sanctions:write|admin:)/.test(scope),
      )
    ) {
      note(
        'roles.yaml',
        ['roles', name],
        'agent_governs',
        'agents hold a scope that governs',
        'Governing is for people: remove the scope.',
      );
    }
  }
};

const phrases: Check = ({ 'phrases.yaml': { prescriptive, neutral } }, note) => {
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

const metrics: Check = ({ 'metrics.yaml': { allowed, forbidden, ladder } }, note) => {
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

const limits: Check = ({ 'limits.yaml': limit, 'roles.yaml': { scopes } }, note) => {
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
        didYouMean(scope, scopes),
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

const remediation: Check = (
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
  for (const { level, action } of violation_policy) {
    if (healing.actions[level] !== action) {
      note(
        'remediation.yaml',
        ['healing', 'actions', level],
        'action_mismatch',
        `${level} heals by ${healing.actions[level]}, the violation policy says ${action}`,
        'Use the same action in both.',
      );
    }
  }
};

const flags: Check = ({ 'flags.yaml': { flags: all }, 'roles.yaml': { roles: known } }, note) => {
  for (const [name, { rules }] of Object.entries(all)) {
    rules.forEach((rule, index) => {
      for (const role of rule.roles ?? []) {
        if (known[role] === undefined)
          note(
            'flags.yaml',
            ['flags', name, 'rules', index, 'roles'],
            'unknown_role',
            `no role is called ${role}`,
            'Name a role of roles.yaml.',
          );
      }
      const open =
        rule.roles === undefined &&
        rule.kinds === undefined &&
        rule.subjects === undefined &&
        rule.percent === undefined;
      if (open && index < rules.length - 1) {
        note(
          'flags.yaml',
          ['flags', name, 'rules', index],
          'rule_never_reached',
          'this rule matches everybody, those after it nobody',
          'Move it to the end, or make it the default.',
        );
      }
    });
  }
};

const gateway: Check = ({ 'gateway.yaml': { servers, tools, agents, cache_seconds } }, note) => {
  const known = new Set(servers.map(({ id }) => id));
  for (const [list, items] of [
    ['servers', servers],
    ['tools', tools],
    ['agents', agents],
  ] as const) {
    const ids = items.map(({ id }) => id);
    ids.forEach((id, index) => {
      if (ids.indexOf(id) !== index)
        note('gateway.yaml', [list, index, 'id'], 'duplicate_entry', `${id} is listed twice`, 'Keep one.');
    });
  }
  tools.forEach(({ server }, index) => {
    if (!known.has(server))
      note(
        'gateway.yaml',
        ['tools', index, 'server'],
        'unknown_server',
        `no server is called ${server}`,
        'Name a server of the list above.',
      );
  });
  agents.forEach(({ trust, capabilities }, index) => {
    if (trust !== 'trusted' && capabilities.includes('delegate')) {
      note(
        'gateway.yaml',
        ['agents', index, 'capabilities'],
        'untrusted_delegate',
        'an agent that is not trusted may delegate',
        'Only trusted agents delegate.',
      );
    }
  });
  if (cache_seconds.high > cache_seconds.medium || cache_seconds.medium > cache_seconds.low) {
    note(
      'gateway.yaml',
      ['cache_seconds'],
      'cache_order',
      'a more sensitive decision is kept longer',
      'Keep high ≤ medium ≤ low.',
    );
  }
};

const redaction: Check = ({ 'redaction.yaml': { strip_parameters } }, note) => {
  for (const field of ['password', 'secret', 'api_key']) {
    if (!strip_parameters.includes(field))
      note(
        'redaction.yaml',
        ['strip_parameters'],
        'secret_not_stripped',
        `${field} reaches tools`,
        `Add ${field}.`,
      );
  }
};

const CHECKS: readonly Check[] = [
  levels,
  approvals,
  committee,
  accessControl,
  roles,
  phrases,
  metrics,
  limits,
  remediation,
  flags,
  gateway,
  redaction,
];

/** The nearest known name, if one is near: at most two letters off. */
function didYouMean(wrong: string, known: readonly string[]): string {
  const near = known.map((name) => ({ name, off: distance(wrong, name) })).sort((a, b) => a.off - b.off)[0];
  return near !== undefined && near.off <= 2
    ? `Did you mean ${near.name}?`
    : 'Add it to the list of scopes in roles.yaml, or name one that is there.';
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
