/** Whether a justification says something. One of nothing but the usual words must at least be long. */
import { visibleLength } from '../../basics/visible.ts';
import type { Reason } from '../../errors.ts';
import { fold } from '../../identity/person.ts';

const LEAST = 20;
const LEAST_GENERIC = 50;
/** Different words that say something, from which on a justification is about this case and no other. */
const SAYS_SOMETHING = 3;

/** Words that stand in every justification and explain none. */
const USUAL = new Set(
  `a an and any are as asap at be because been business by can critical do due emergency exception for from get has have
  high immediate immediately important in is issue it its justification justified management must necessary need needed
  needs no now of on operation operational or our override overriding per please priority problem reason reasons request
  requested require required requirement requirements risk so that the their then there these this to today urgent
  urgently us very was we will with work approved approval accept accepted temporary temporarily test testing todo fix
  asdf lorem ipsum foo bar xxx abc`.split(/\s+/),
);

/** Few words of its own, or the same few letters over and over. */
function isGeneric(text: string): boolean {
  const own = new Set<string>();
  for (const [word] of fold(text).matchAll(/\p{L}{3,}|\p{N}{2,}/gu)) {
    if (!USUAL.has(word) && !/^(.)\1+$/u.test(word)) own.add(word);
    if (own.size >= SAYS_SOMETHING) return false;
  }
  return true;
}

/**
 * What is wrong with it; undefined when nothing is. Blanks at its ends, runs of blanks and what cannot be seen do not
 * count.
 */
export function weakness(given: string): Reason | undefined {
  const text = given.trim().replace(/\s+/g, ' ');
  const least = isGeneric(text) ? LEAST_GENERIC : LEAST;
  const long = visibleLength(text);
  if (long >= least) return undefined;
  const message =
    least === LEAST
      ? `a justification has at least ${LEAST} characters; this one has ${long}`
      : `say what it is about: a justification of nothing but usual words has at least ${LEAST_GENERIC} characters; this one has ${long}`;
  const code = least === LEAST ? 'justification_too_short' : 'justification_generic';
  return { code, path: '/justification', message, kind: 'invalid' };
}
