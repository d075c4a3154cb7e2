/** Feature flags of the charter, evaluated per principal. The first rule that matches decides. */
import { createHash } from 'node:crypto';
import type { Principal } from '../terms.ts';
import type { Charter } from './charter.ts';
import { calledIn } from './subject.ts';

export type FlagValue =
  | { readonly ok: true; readonly value: boolean; readonly rule: number | 'default' }
  /** No such flag: off. */
  | { readonly ok: false; readonly value: false; readonly error: 'unknown_flag' };

export function evaluateFlag(
  charter: Charter,
  name: string,
  principal: Pick<Principal, 'realm' | 'sub' | 'kind' | 'roles'>,
): FlagValue {
  const { flags } = charter.documents['flags.yaml'];
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) return { ok: false, value: false, error: 'unknown_flag' };
  const index = flag.rules.findIndex(
    ({ roles, kinds, subjects, percent }) =>
      (roles === undefined || roles.some((role) => principal.roles.includes(role))) &&
      (kinds === undefined || kinds.includes(principal.kind)) &&
      (subjects === undefined || subjects.includes(calledIn(principal))) &&
      (percent === undefined || share(name, calledIn(principal)) < percent),
  );
  const rule = flag.rules[index];
  return rule === undefined
    ? { ok: true, value: flag.default, rule: 'default' }
    : { ok: true, value: rule.value, rule: index };
}

/** Where a subject stands between 0 and 100, the same at every evaluation and different from flag to flag. */
function share(flag: string, sub: string): number {
  return createHash('sha256').update(`${flag}\0${sub}`).digest().readUInt32BE(0) / (2 ** 32 / 100);
}
