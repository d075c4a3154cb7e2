/**
 * The AIM rules: what a well-shaped request must say, and who may say it. Rules are judged
 * in the order of the table there, all of them, so that a caller can mend everything at once; the first
 * reason is the one that the request failed by.
 */
import { normalForm } from '../basics/normal-form.ts';
import { visibleLength } from '../basics/visible.ts';
import type { Reason } from '../errors.ts';
import type { FailureReason, GovernedRequest, Principal } from '../terms.ts';

const MIN_NAME = 3;
const MIN_OBJECTIVE = 10;

interface Rule {
  readonly code: FailureReason;
  readonly path: string;
  readonly message: string;
  readonly broken: (request: GovernedRequest, principal: Principal) => boolean;
}

const RULES: readonly Rule[] = [
  {
    code: 'actor_name_too_short',
    path: '/aim/actor/name',
    message: `the actor's name has at least ${MIN_NAME} characters`,
    broken: ({ aim }) => visibleLength(aim.actor.name) < MIN_NAME,
  },
  {
    code: 'invalid_actor_email',
    path: '/aim/actor/email',
    message: 'an e-mail address contains @',
    broken: ({ aim }) => aim.actor.email !== undefined && !aim.actor.email.includes('@'),
  },
  {
    code: 'actor_mismatch',
    path: '/aim/actor',
    message: 'the actor is not the subject of the token',
    broken: ({ aim }, principal) => !isSubject(aim.actor, principal),
  },
  {
    code: 'no_input_sources',
    path: '/aim/input/sources',
    message: 'name at least one source, each with a type and a description',
    broken: ({ aim }) =>
      aim.input.sources.length === 0 ||
      aim.input.sources.some(({ type, description }) => isBlank(type) || isBlank(description)),
  },
  {
    code: 'objective_too_short',
    path: '/aim/mission/objective',
    message: `the objective has at least ${MIN_OBJECTIVE} characters`,
    broken: ({ aim }) => visibleLength(aim.mission.objective) < MIN_OBJECTIVE,
  },
  {
    code: 'no_success_criteria',
    path: '/aim/mission/success_criteria',
    message: 'say by at least one criterion how success is seen',
    broken: ({ aim }) => aim.mission.success_criteria.every(isBlank),
  },
  {
    code: 'analysis_human_only',
    path: '/drag_mode',
    message:
      'analysis is for a person who signed in with a second factor within 15 minutes, acting in person',
    broken: ({ drag_mode }, principal) => drag_mode === 'analysis' && !isPersonPresent(principal),
  },
];

/** Empty when all rules hold. Never throws. */
export function checkAim(request: GovernedRequest, principal: Principal): Reason[] {
  return RULES.filter((rule) => rule.broken(request, principal)).map(({ code, path, message }) => ({
    code,
    path,
    message,
    kind: 'invalid',
  }));
}

/**
 * Every field that is given and that the token carries must match, and at least one must. A token without
 * `name` still has its `sub`: a name that equals it matches, another one is not compared with anything.
 */
function isSubject(actor: GovernedRequest['aim']['actor'], principal: Principal): boolean {
  const name = sameForm(actor.name);
  const named = [principal.sub, principal.name].some(
    (known) => known !== undefined && sameForm(known) === name,
  );
  if (principal.name !== undefined && !named) return false;
  if (actor.email === undefined || principal.email === undefined) return named;
  return sameForm(actor.email).toLowerCase() === sameForm(principal.email).toLowerCase();
}

/** Two spellings of one text in Unicode are the same; look-alikes are not. */
function sameForm(text: string): string {
  return normalForm(text, 'NFC').trim();
}

/** Signed in with a second factor within 15 minutes, and nobody acts for them. */
export function isPersonPresent(principal: Principal): boolean {
  return principal.kind === 'human' && principal.fresh_mfa && principal.act.length === 0;
}

function isBlank(text: string): boolean {
  return visibleLength(text) === 0;
}
