/** Levels, approvals, committee, emergency, access: who decides, and how many of them. */
import { SEVERITIES } from '../../terms.ts';
import type { CharterCheck } from './check.ts';

export const levels: CharterCheck = ({ 'charter.yaml': { violation_policy } }, note) => {
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

export const approvals: CharterCheck = ({ 'charter.yaml': { approvals: rows, approval_at_risk } }, note) => {
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

export const committee: CharterCheck = ({ 'charter.yaml': charter, 'roles.yaml': { roles } }, note) => {
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

export const accessControl: CharterCheck = (
  { 'charter.yaml': { access_control }, 'roles.yaml': { roles } },
  note,
) => {
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
