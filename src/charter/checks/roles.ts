/** Scopes and roles: what exists, who holds it, and who must not. */
import type { CharterCheck } from './check.ts';
import { nearestScope } from './nearest-scope.ts';

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

export const roles: CharterCheck = ({ 'roles.yaml': { scopes, roles: all } }, note) => {
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
          nearestScope(scope, scopes),
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
