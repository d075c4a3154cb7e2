/**
 * Word classes that a phrase of the charter may name in braces: "{group} must {verb}". A class is a list of words,
 * or looks a few words ahead without becoming part of the hit.
 */

import { GAP } from './cut.ts';
import type { LookingClass, SpelledClass } from './phrase-form.ts';
import type { Words } from './words.ts';

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Classes whose words are part of the hit. */
export const CLASSES: Readonly<Record<SpelledClass, ReadonlySet<string>>> = {
  i: set('i we'),
  my: set('my our'),
  the: set('the our your my'),
  group: set(
    'team teams board management leadership company companies department departments group groups committee committees council division firm firms bank banks business organisation organization agency agencies supplier suppliers vendor vendors client staff employees engineers managers manager directors director executives shareholders investors trustees partners owners leaders members colleagues everyone everybody nobody someone anyone finance marketing sales operations procurement engineering hr legal compliance security cfo ceo cto coo ciso lead leads unit units office administration government ministry hires contractors contractor developers developer analysts auditors accountants treasury logistics support landlord buyer buyers seller insurer lender issuer chair chairman secretary treasurer administrators administrator recruiters planners reviewers approvers stakeholders',
  ),
  must: set('must should'),
  need: set('need needs has have ought'),
  best: set(
    'top best ideal optimal optimum smartest wisest right correct obvious logical sensible superior perfect safest clear only most strongest soundest natural clearest simplest easiest proper preferable',
  ),
  more: set(
    'best possible viable sensible realistic effective efficient cost-effective economical reasonable prudent responsible logical next available overall long-term practical attractive obvious suitable promising robust rational strategic and',
  ),
  option: set(
    'call option choice solution approach way path move strategy course decision plan answer route alternative step bet policy tool fix candidate location deal winner method thing action design response remedy time place model outcome',
  ),
  options: set('options choices solutions approaches ways moves strategies plans remedies candidates'),
  recommendations: set('recommendations suggestions proposals'),
  is: set("is are be remains remain seems becomes it's that's this's represents"),
  recommend: set('recommend advise suggest propose urge counsel encourage endorse advocate favour favor'),
  recommending: set('recommending advising suggesting proposing urging advocating'),
  am: set("am are i'm we're"),
  essential: set('essential imperative vital crucial critical necessary mandatory'),
  firm: set('firm strong clear main key first final overall own only honest professional best general'),
  recommendation: set('recommendation advice suggestion proposal counsel'),
  recommended: set('recommended advised advisable'),
  report: set('report paper memo note analysis review assessment brief briefing study document'),
  wise: set('wise prudent advisable sensible best'),
};

const FOLLOWED = set(
  'the a an any your our this that these those it them all every each only both for two more until unless before after without on in with by at to from one as',
);
const NO_VERBS = set(
  'the a an this that these those he she it they we you i and or but of in on at by for with from to was were is are been had no any all some more less most least have date as if than also very so too just only never always again before after mind late early popular true a-list open free available welcome see notice expect hear know feel',
);
const ED_VERBS = set('need proceed exceed feed embed shed succeed speed heed add spread bleed breed weed');
const S_VERBS = /(?:ss|us|is)$/;
/** Ones that a command may begin with whatever follows. */
const VERBS = set(
  'accept accord add adopt allow answer apply approve archive argue ask assign assume attach audit avoid backup base begin block book bring build buy call cancel change charge check choose clean clear click close commit confirm consult contact copy cut decline delay delegate delete deliver demand deny deploy disable disclose discount discuss do document double-check drop enable encrypt enforce ensure escalate exceed extend file follow forward freeze fund get give go grant handle hire hold ignore include inform insist invest involve issue keep label launch lease leave lend let limit lock log maintain make measure merge migrate monitor move negotiate notify offer open order outsource override pay pick plan post postpone prefer prepare promise promote protect publish pursue push put read reboot record refund refuse reject release rely remove renew repeat replace reply report request require restart retain retry return reuse review roll rotate run save schedule seek sell send separate set share ship shut sign skip split start state stop store submit switch take tell terminate test track train transfer trust try turn update upgrade use validate verify wait waive wire write have be',
);
const DONE = set(
  'done made sent paid kept told given taken written rewritten sold bought built cut drawn held put met known brought shut withdrawn rebuilt rerun run reset split begun chosen left frozen found spent split sought',
);

/** "It must be noted that" tells a reader to do nothing. */
const REMARKED = set(
  'noted stressed remembered emphasised emphasized mentioned added said admitted acknowledged',
);

const isVerb = (word: string): boolean =>
  word.length > 1 &&
  /^[a-z]/.test(word) &&
  !NO_VERBS.has(word) &&
  !/(?:ing|ly)$/.test(word.replace(/^(?:bring|ring|apply|rely|reply|supply|comply)$/, '')) &&
  (!word.endsWith('ed') || ED_VERBS.has(word)) &&
  (!word.endsWith('s') || S_VERBS.test(word));

/** The word, or '' when it stands in another sentence. */
const within = (words: Words, at: number): string => (words.gap(at) === GAP.sentence ? '' : words.text(at));

const LEADING = set('my our recommended');

/** What is expected to happen rather than ordered: "the parcel should arrive". */
const EXPECTED = set(
  'be have arrive reach run work rise fall grow become last come go start end finish improve continue help remain exceed total cost look seem mean contain suffice happen confirm press enter test decide know see',
);
/** Those who a description of a process speaks of. */
const DESCRIBED = set(
  'user users operator operators customer customers visitor visitors system systems applicant applicants tenant tenants player players reader readers file files value values traveller travellers candidate candidates teams staff people passengers it he she they i you we this that these those there who which what one',
);
const DETERMINERS = set('the our your every each all both any no');

const isDeed = (words: Words, at: number): boolean => {
  const word = within(words, at);
  return isVerb(word) && !EXPECTED.has(word) && !DONE.has(word);
};

/** Whether a noun with its article stands before a modal: "our warehouse crew must". */
function hasDoer(words: Words, modal: number): boolean {
  const noun = words.text(modal - 1);
  if (words.gap(modal) !== GAP.plain || noun.length < 3 || DESCRIBED.has(noun) || NO_VERBS.has(noun))
    return false;
  for (let at = modal - 1; at > modal - 5; at--) {
    if (DETERMINERS.has(words.text(at))) return true;
    if (words.gap(at) === GAP.sentence) return false;
  }
  return false;
}

/** Begins what somebody names; what is "private" or "listed below" is described. */
const NAMING = set('a an the these this two three four five six that to as following one your our their');
const NO_GERUNDS = set('pending missing changing growing dwindling waiting outstanding');

const PAST = set('was were had');
const PRESENT = set('is are would will remains remain lies');

/** A state of now: "is", "would be"; not "was", and not nothing. */
function isPresent(words: Words, at: number): boolean {
  for (let next = at; next < at + 9; next++) {
    const word = within(words, next);
    if (word === '' || PAST.has(word)) return false;
    if (PRESENT.has(word)) return true;
  }
  return false;
}

/** Classes that only look, mostly at what follows: at `at`, behind the last word of the hit. */
export const AHEAD: Readonly<Record<LookingClass, (words: Words, at: number, last: number) => boolean>> = {
  verb: (words, at) => isVerb(within(words, at)),
  done: (words, at) => {
    const word = within(words, at);
    return (
      DONE.has(word) || (word.length > 3 && word.endsWith('ed') && !ED_VERBS.has(word) && !REMARKED.has(word))
    );
  },
  command: (words, at) => {
    const word = within(words, at);
    return (
      VERBS.has(word) ||
      (isVerb(word) && !DONE.has(word) && words.gap(at + 1) === GAP.plain && FOLLOWED.has(words.text(at + 1)))
    );
  },
  /** Advised by the speaker: nobody else is named. */
  endorsed: (words, at) => within(words, at) !== 'by' && within(words, at) !== 'in',
  present: isPresent,
  named: (words, at, last) => {
    const word = within(words, at);
    return (
      NAMING.has(word) ||
      (word.length > 4 && word.endsWith('ing') && !NO_GERUNDS.has(word)) ||
      (word === '' && words.isHeading(last))
    );
  },
  deed: (words, at, last) => isDeed(words, at) && hasDoer(words, last),
  heading: (words, at, last) =>
    words.gap(at) === GAP.sentence &&
    (words.gap(last) !== GAP.plain || LEADING.has(words.text(last - 1))) &&
    words.isHeading(last),
};
