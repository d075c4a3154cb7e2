import { describe, expect, it } from 'vitest';
import { parseBundle } from '../../src/charter/bundle.ts';
import { bundleWith, edited, shipped, shippedFiles } from './world.ts';

type Change = Readonly<Record<string, string | null>>;
const edit = (file: string, from: string | RegExp, to: string): Change => ({
  [file]: edited(file, from, to),
});
const policy = (text: string): Change => ({ 'policies/extra.cedar': text });
const problemsOf = (change: Change) => {
  const parsed = parseBundle(bundleWith(change));
  return parsed.ok ? [] : parsed.problems;
};

/** Mistake, what makes it, its code, where it is, and a word of the fix. */
const MISTAKES: readonly (readonly [string, Change, string, string, RegExp])[] = [
  ['a file is missing', { 'limits.yaml': null }, 'missing_file', 'limits.yaml:1:1', /Add limits\.yaml/],
  ['the schema is missing', { 'schema.cedarschema': null }, 'missing_file', 'schema.cedarschema:1:1', /Add/],
  ['there is a file that nothing reads', { 'notes.txt': 'x' }, 'unknown_file', 'notes.txt:1:1', /Remove/],
  ['YAML does not parse', edit('slos.yaml', 'promised:', 'promised: ['), 'yaml_syntax', 'slos.yaml:', /Mend/],
  [
    'a key stands twice',
    edit('charter.yaml', 'status: active', 'status: active\nstatus: pending'),
    'duplicate_key',
    'charter.yaml:6:',
    /Keep one/,
  ],
  [
    'a key is misspelt',
    edit('charter.yaml', 'policy_mode:', 'policy_mod:'),
    'unknown_key',
    'charter.yaml:9:1',
    /spelling/,
  ],
  [
    'a key is missing',
    edit('charter.yaml', /^name: default\n/m, ''),
    'missing_key',
    'charter.yaml:',
    /Add "name"/,
  ],
  [
    'a value is none of the choices',
    edit('charter.yaml', 'policy_mode: strict', 'policy_mode: relaxed'),
    'invalid_value',
    'charter.yaml:9:1',
    /policy_mode/,
  ],
  [
    'a version is no version',
    edit('charter.yaml', 'version: 1.0.0', 'version: one'),
    'invalid_value',
    'charter.yaml:4:1',
    /version/,
  ],
  [
    'a level is missing',
    edit('charter.yaml', /^ {2}- \{ level: BAN.*\n/m, ''),
    'wrong_level_count',
    'charter.yaml:',
    /exactly four/,
  ],
  [
    'a level is there twice',
    edit('charter.yaml', 'level: BAN', 'level: SUSPENSION'),
    'level_order',
    'charter.yaml:',
    /mildest first/,
  ],
  [
    'the audit trail is switched off',
    edit('charter.yaml', 'enabled: true', 'enabled: false'),
    'invalid_value',
    'charter.yaml:',
    /enabled/,
  ],
  [
    'retention is too short',
    edit('charter.yaml', 'retention_days: 183', 'retention_days: 30'),
    'invalid_value',
    'charter.yaml:',
    /retention_days/,
  ],
  [
    'paranoid is milder than strict',
    edit('charter.yaml', 'strict: 5', 'strict: 2'),
    'mode_order',
    'charter.yaml:',
    /paranoid/,
  ],
  [
    'one person approves risk 5',
    edit('charter.yaml', '{ risk: 5, quorum: 2', '{ risk: 5, quorum: 1'),
    'quorum_too_small',
    'charter.yaml:',
    /at least 2/,
  ],
  [
    'a higher risk needs fewer people',
    edit('charter.yaml', '{ risk: 3, quorum: 1', '{ risk: 3, quorum: 3'),
    'quorum_falls',
    'charter.yaml:',
    /never needs fewer/,
  ],
  [
    'approvals are out of order',
    edit('charter.yaml', '{ risk: 2, quorum', '{ risk: 1, quorum'),
    'approval_order',
    'charter.yaml:',
    /1 to 5/,
  ],
  [
    'the committee cannot reach its quorum',
    edit('charter.yaml', '  quorum: 2\n\n# Exactly', '  quorum: 4\n\n# Exactly'),
    'quorum_beyond_size',
    'charter.yaml:',
    /at most/,
  ],
  [
    'one person changes the charter',
    edit('charter.yaml', '  quorum: 2\n\n# Exactly', '  quorum: 1\n\n# Exactly'),
    'quorum_too_small',
    'charter.yaml:',
    /2 votes/,
  ],
  [
    'the committee has no role',
    edit('charter.yaml', 'role: committee_member', 'role: senators'),
    'unknown_role',
    'charter.yaml:',
    /roles\.yaml/,
  ],
  [
    'the committee may not activate',
    edit('charter.yaml', 'role: committee_member', 'role: operator'),
    'committee_cannot_decide',
    'charter.yaml:',
    /charter:activate/,
  ],
  [
    'a stop lasts longer than the longest',
    edit('charter.yaml', 'default_duration: 1h', 'default_duration: 25h'),
    'emergency_duration',
    'charter.yaml:',
    /≤/,
  ],
  [
    'one person releases a stop',
    edit('charter.yaml', 'release_quorum: 2', 'release_quorum: 1'),
    'invalid_value',
    'charter.yaml:',
    /release_quorum/,
  ],
  [
    'access is given to no role',
    edit('charter.yaml', 'audit_only: [auditor', 'audit_only: [auditors'),
    'unknown_role',
    'charter.yaml:',
    /roles\.yaml/,
  ],
  [
    'a role holds an unknown scope',
    edit('roles.yaml', 'scopes: [admin:metrics:read, slo:read]', 'scopes: [admin:metrics:read, slo:raed]'),
    'unknown_scope',
    'roles.yaml:',
    /Did you mean slo:read/,
  ],
  [
    'a scope guards a route and is gone',
    edit('roles.yaml', '  - ledger:export\n', ''),
    'missing_scope',
    'roles.yaml:',
    /ledger:export/,
  ],
  [
    'a scope is listed twice',
    edit('roles.yaml', '  - slo:read\n', '  - slo:read\n  - slo:read\n'),
    'duplicate_scope',
    'roles.yaml:',
    /once/,
  ],
  [
    'a read-only role may write',
    edit(
      'roles.yaml',
      'scopes: [admin:metrics:read, slo:read]',
      'scopes: [admin:metrics:read, sanctions:write]',
    ),
    'write_in_read_only_role',
    'roles.yaml:',
    /Remove the scope/,
  ],
  [
    'a read-only role does not say so',
    edit('roles.yaml', 'changes nothing.\n    read_only: true', 'changes nothing.'),
    'read_only_not_declared',
    'roles.yaml:',
    /read_only: true/,
  ],
  [
    'one role writes and activates charters',
    edit('roles.yaml', 'charter:read, charter:write,', 'charter:read, charter:write, charter:activate,'),
    'duties_not_separate',
    'roles.yaml:',
    /different roles/,
  ],
  [
    'agents govern',
    edit('roles.yaml', 'leave it.\n    scopes: [', 'leave it.\n    scopes: [approvals:decide, '),
    'agent_governs',
    'roles.yaml:',
    /people/,
  ],
  [
    'a scope has no form',
    edit('roles.yaml', '  - slo:read\n', '  - SLO\n  - slo:read\n'),
    'invalid_value',
    'roles.yaml:',
    /scopes/,
  ],
  [
    'a phrase is of two types',
    edit('phrases.yaml', '    - you should\n', '    - you should\n    - i recommend\n'),
    'duplicate_phrase',
    'phrases.yaml:',
    /one type/,
  ],
  [
    'a phrase names a class of words that is none',
    edit('phrases.yaml', '"{group} {must} {verb}"', '"{group} {mst} {verb}"'),
    'unknown_word_class',
    'phrases.yaml:',
    /\{must\}/,
  ],
  [
    'a class that looks ahead stands in the middle of a phrase',
    edit('phrases.yaml', '"{group} {must} {verb}"', '"{group} {verb} {must}"'),
    'word_class_place',
    'phrases.yaml:',
    /Put it last/,
  ],
  [
    'a phrase is shouted',
    edit('phrases.yaml', '    - you must\n', '    - You Must\n'),
    'phrase_form',
    'phrases.yaml:',
    /you must/,
  ],
  [
    'a rewrite prescribes',
    edit('phrases.yaml', '  - options include', '  - you should consider that options include'),
    'phrase_in_neutral',
    'phrases.yaml:',
    /change one/,
  ],
  [
    'a metric is on both lists',
    edit(
      'metrics.yaml',
      'forbidden:\n',
      'forbidden:\n  - { name: latency_p50, priority: high, reason: x }\n',
    ),
    'metric_on_both_lists',
    'metrics.yaml:',
    /one list/,
  ],
  [
    'a metric is listed twice',
    edit('metrics.yaml', 'name: latency_p95', 'name: latency_p50'),
    'duplicate_metric',
    'metrics.yaml:',
    /once/,
  ],
  [
    'a metric has no access level',
    edit('metrics.yaml', 'name: latency_p50, access: public', 'name: latency_p50, access: everybody'),
    'invalid_value',
    'metrics.yaml:',
    /access/,
  ],
  [
    'the ladder does not rise',
    edit('metrics.yaml', 'attempts: 5', 'attempts: 3'),
    'ladder_not_rising',
    'metrics.yaml:',
    /more attempts/,
  ],
  [
    'two limits share a name',
    edit('limits.yaml', 'id: reports', 'id: decisions'),
    'duplicate_limit',
    'limits.yaml:',
    /share a counter/,
  ],
  [
    'a limit is on no scope',
    edit('limits.yaml', 'scope: violations:report', 'scope: violations:repotr'),
    'unknown_scope',
    'limits.yaml:',
    /Did you mean violations:report/,
  ],
  [
    'a limit has no unit',
    edit('limits.yaml', 'limit: 60000, window: 60s', 'limit: 60000, window: 60'),
    'invalid_value',
    'limits.yaml:',
    /window/,
  ],
  [
    'a budget does not pay for one run',
    edit('limits.yaml', 'cost_dollars: 0.25, budget_dollars: 500', 'cost_dollars: 600, budget_dollars: 500'),
    'budget_below_cost',
    'limits.yaml:',
    /Raise the budget/,
  ],
  [
    'unlisted conduct has no severity',
    edit('remediation.yaml', '  other: { severity: WARNING }\n', ''),
    'no_other_violation',
    'remediation.yaml:',
    /"other"/,
  ],
  [
    'a ban has no term',
    edit('remediation.yaml', 'severity: BAN, term: P1Y', 'severity: BAN'),
    'ban_term',
    'remediation.yaml:',
    /term/,
  ],
  [
    'healing contradicts the violation policy',
    edit('remediation.yaml', 'BAN: remove_from_cluster', 'BAN: log_and_monitor'),
    'action_mismatch',
    'remediation.yaml:',
    /same action/,
  ],
  [
    'nothing does what a severity asks for',
    {
      ...edit('remediation.yaml', 'SUSPENSION: quarantine_network', 'SUSPENSION: bypass_validation'),
      ...edit('charter.yaml', 'action: quarantine_network', 'action: bypass_validation'),
    },
    'unknown_action',
    'remediation.yaml:',
    /quarantine_network/,
  ],
  [
    'a worse severity has a milder action',
    {
      ...edit('remediation.yaml', 'BAN: remove_from_cluster', 'BAN: log_and_monitor'),
      ...edit('charter.yaml', 'action: remove_from_cluster', 'action: log_and_monitor'),
    },
    'action_milder',
    'remediation.yaml:',
    /below/,
  ],
  [
    'a flag is for no role',
    edit('flags.yaml', 'roles: [committee_member]', 'roles: [comittee]'),
    'unknown_role',
    'flags.yaml:',
    /roles\.yaml/,
  ],
  [
    'a rule is never reached',
    edit('flags.yaml', '- { roles: [committee_member], value: true }', '- { value: true }'),
    'rule_never_reached',
    'flags.yaml:',
    /end/,
  ],
  [
    'a tool is on no server',
    edit('gateway.yaml', 'server: search-mcp, category', 'server: serach-mcp, category'),
    'unknown_server',
    'gateway.yaml:',
    /server/,
  ],
  [
    'an untrusted agent delegates',
    edit(
      'gateway.yaml',
      'trust: untrusted, environment: staging, capabilities: [query]',
      'trust: untrusted, environment: staging, capabilities: [delegate]',
    ),
    'untrusted_delegate',
    'gateway.yaml:',
    /trusted/,
  ],
  [
    'sensitive decisions are kept longer',
    edit('gateway.yaml', 'high: 60', 'high: 6000'),
    'cache_order',
    'gateway.yaml:',
    /≤/,
  ],
  [
    'critical decisions are kept',
    edit('gateway.yaml', 'critical: 0', 'critical: 10'),
    'invalid_value',
    'gateway.yaml:',
    /critical/,
  ],
  [
    'a secret reaches tools',
    edit('redaction.yaml', /secrets, api_key, /, 'secrets, '),
    'secret_not_stripped',
    'redaction.yaml:',
    /api_key/,
  ],
  [
    'the schema does not parse',
    edit('schema.cedarschema', 'entity Role;', 'entity Role'),
    'cedar_schema',
    'schema.cedarschema:',
    /./,
  ],
  [
    'the schema has two namespaces',
    { 'schema.cedarschema': `${shippedFiles.get('schema.cedarschema')}\nnamespace Other { entity X; }` },
    'schema_namespaces',
    'schema.cedarschema:',
    /one namespace/,
  ],
  [
    'a policy does not parse',
    policy('@id("x")\nforbid (principal, action, resource) when { context.risk = 1 };'),
    'cedar_syntax',
    'policies/extra.cedar:2:',
    /==/,
  ],
  [
    'a policy has no id',
    policy('\n\n  permit (principal in Chancery::Role::"admin", action, resource);'),
    'policy_without_id',
    'policies/extra.cedar:3:3',
    /@id/,
  ],
  [
    'two policies share an id',
    policy(
      '@id("delegation-ends-at-two")\nforbid (principal, action, resource) when { principal.act_depth > 9 };',
    ),
    'duplicate_policy_id',
    'policies/forbids.cedar:',
    /of its own/,
  ],
  [
    'types do not fit',
    policy(
      '@id("x")\nforbid (principal, action, resource is Chancery::Workflow)\nwhen { resource.risk > "3" };',
    ),
    'cedar_type',
    'policies/extra.cedar:3:',
    /./,
  ],
  [
    'an attribute does not exist',
    policy(
      '@id("x")\nforbid (principal, action, resource is Chancery::Workflow)\nwhen { resource.risky > 3 };',
    ),
    'unknown_attribute',
    'policies/extra.cedar:3:',
    /risk/,
  ],
  [
    'an action does not exist',
    policy('@id("x")\nforbid (principal, action == Chancery::Action::"exceute", resource);'),
    'unknown_action',
    'policies/extra.cedar:2:',
    /./,
  ],
  [
    'an entity type does not exist',
    policy('@id("x")\nforbid (principal, action, resource is Chancery::Workflw);'),
    'unknown_entity_type',
    'policies/extra.cedar:2:',
    /./,
  ],
  [
    'a policy can never apply',
    policy(
      '@id("x")\nforbid (principal, action, resource is Chancery::Workflow)\nwhen { resource.risk > 3 && false };',
    ),
    'policy_never_applies',
    'policies/extra.cedar:1:1',
    /./,
  ],
  [
    'principal, action and resource do not go together',
    policy(
      '@id("x")\nforbid (principal, action == Chancery::Action::"execute", resource is Chancery::Tool);',
    ),
    'policy_never_applies',
    'policies/extra.cedar:',
    /./,
  ],
  [
    'a forbid is guarded by has',
    policy(
      '@id("x")\nforbid (principal, action, resource is Chancery::Workflow)\nwhen { context has risk && context.risk > 3 };',
    ),
    'has_in_forbid',
    'policies/extra.cedar:3:16',
    /required in the schema/,
  ],
  [
    'a forbid is lifted where an attribute is not there',
    policy(
      '@id("x")\nforbid (principal, action, resource is Chancery::Workflow)\nunless { !(context has risk) || context.risk > 3 };',
    ),
    'has_in_forbid',
    'policies/extra.cedar:3:',
    /the unless/,
  ],
  [
    'a forbid reads an optional attribute',
    { ...edit('schema.cedarschema', 'subjects: Long,', 'subjects?: Long,') },
    'optional_attribute',
    'policies/forbids.cedar:',
    /./,
  ],
  [
    'a policy permits everything',
    policy('@id("x")\npermit (principal, action, resource);'),
    'permit_everything',
    'policies/extra.cedar:1:1',
    /Name who/,
  ],
  [
    'a policy names a role that is not there',
    policy('@id("x")\npermit (principal in Chancery::Role::"operators", action, resource);'),
    'unknown_role',
    'policies/extra.cedar:2:',
    /add the role/,
  ],
  [
    'there are no policies',
    Object.fromEntries(
      [...shippedFiles.keys()].filter((name) => name.endsWith('.cedar')).map((name) => [name, null]),
    ),
    'no_policies',
    'policies/:1:1',
    /permit/,
  ],
];

describe('validation', () => {
  it('finds nothing wrong with the shipped bundle', () => {
    expect(problemsOf({})).toEqual([]);
  });

  it.each(MISTAKES)('names file, line, column and fix when %s', (_what, change, code, place, fix) => {
    const problems = problemsOf(change);
    const found = problems.find(
      (problem) => problem.code === code && problem.file === place.slice(0, place.indexOf(':')),
    );
    expect(found, JSON.stringify(problems, null, 1)).toBeDefined();
    expect(
      `${found?.file}:${found?.line}:${found?.column}`.startsWith(place),
      `${found?.line}:${found?.column}`,
    ).toBe(true);
    expect(found?.fix).toMatch(fix);
    expect(found?.message).not.toBe('');
  });

  it('knows at least 25 kinds of mistake', () => {
    expect(new Set(MISTAKES.map(([, , code]) => code)).size).toBeGreaterThanOrEqual(40);
  });

  it('points at the word itself', () => {
    const [problem] = problemsOf(
      edit('roles.yaml', 'scopes: [admin:metrics:read, slo:read]', 'scopes: [admin:metrics:read, slo:raed]'),
    );
    const line = bundleWith({}).get('roles.yaml')?.split('\n')[(problem?.line ?? 0) - 1] ?? '';
    expect(line.slice((problem?.column ?? 0) - 1)).toMatch(/^slo:read\]/);
  });

  it('gives one digest to bundles that mean the same', () => {
    const roles = `# another comment\n${shippedFiles.get('roles.yaml')}`;
    const forbids = shippedFiles.get('policies/forbids.cedar')?.replaceAll('\n  ', '\n      ') ?? '';
    const same = parseBundle(bundleWith({ 'roles.yaml': roles, 'policies/forbids.cedar': forbids }));
    expect(same.ok && same.charter.digest).toBe(shipped.digest);
    const other = parseBundle(
      bundleWith(edit('policies/forbids.cedar', 'context.risk >= 3', 'context.risk >= 4')),
    );
    expect(other.ok && other.charter.digest).not.toBe(shipped.digest);
  });
});
