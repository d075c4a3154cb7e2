/** Flags, tools, agents and redaction: what applications and gateways are told. */
import type { Check } from './check.ts';

export const flags: Check = ({ 'flags.yaml': { flags: all }, 'roles.yaml': { roles: known } }, note) => {
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

export const gateway: Check = ({ 'gateway.yaml': { servers, tools, agents, cache_seconds } }, note) => {
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

export const redaction: Check = ({ 'redaction.yaml': { strip_parameters } }, note) => {
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
