/** Flags, tools, agents and redaction: what applications and gateways are told. */
import { givableFamilies } from '../applications.ts';
import { toolLikeness } from '../gateway.ts';
import type { CharterCheck } from './check.ts';

/** Functions that some database has and that do more than compute. */
const ACTING =
  /^(?:pg_(?!typeof$)|lo_|dblink|xp_|sp_|sys_|query_to_|table_to_|cursor_to_|database_to_|schema_to_|txid_|set_config$|(?:next|set|curr|last)val$|sleep$|benchmark$|load_|get_lock$|release_|(?:read|write)file$|edit$|open(?:rowset|query|datasource)$|randomblob$|zeroblob$|fts3_|system|identifier$|http_)/;

export const flags: CharterCheck = (
  { 'flags.yaml': { flags: all }, 'roles.yaml': { roles: known } },
  note,
) => {
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

export const gateway: CharterCheck = (
  { 'gateway.yaml': { servers, tools, agents, cache_seconds, sql_functions } },
  note,
) => {
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
  const alike = new Map<string, string>();
  tools.forEach(({ id }, index) => {
    const other = alike.get(toolLikeness(id));
    if (other !== undefined && other !== id) {
      note(
        'gateway.yaml',
        ['tools', index, 'id'],
        'lookalike_entry',
        `${id} is taken for ${other}`,
        'Give it a name that differs in more than case, separators or look-alike letters.',
      );
    }
    alike.set(toolLikeness(id), id);
  });
  sql_functions.forEach((name, index) => {
    if (ACTING.test(name))
      note(
        'gateway.yaml',
        ['sql_functions', index],
        'function_that_acts',
        `${name} waits, writes, or reaches out of the database`,
        'Remove it: statements that call it are for administrators.',
      );
  });
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

export const applications: CharterCheck = ({ 'charter.yaml': { event_types, applications: all } }, note) => {
  const known = givableFamilies(event_types);
  all.forEach(({ id, families }, index) => {
    for (const family of families) {
      if (known.has(family)) continue;
      note(
        'charter.yaml',
        ['applications', index, 'families'],
        'unknown_family',
        `${id} is given the family ${family}, of which there are no event types`,
        'Register a type of it under event_types, or take it out.',
      );
    }
  });
};

export const redaction: CharterCheck = ({ 'redaction.yaml': { strip_parameters } }, note) => {
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
