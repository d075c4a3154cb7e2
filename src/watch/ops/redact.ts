/**
 * Redaction: what must not stand in a log. By the name of a field, by what a text looks like, and by what it
 * looks like once decoded (JSON in a string, percent, \u, base64, hex), since secrets travel inside other
 * things. Callers should not pass secrets at all; this is for the day that one does.
 */

import { Recent } from '../../basics/recent.ts';

export type Redact = (value: unknown) => unknown;

const HIDDEN = '[redacted]';
const MAX_DEPTH = 8;
const MAX_DECODINGS = 3;
const MAX_TEXT = 8_192;
/** Nothing shorter can spell a secret in another alphabet. */
const MIN_ENCODED = 8;

/** Parts of field names that always hide the value, compared without case, `_` and `-`. */
const SECRET_NAMES =
  /(passw(or)?d|passwd|pwd|passphrase|secret|token|apikey|authorization|cookie|privatekey|accesskey|credential|signingkey|encryptionkey|routingkey|webhook|otp$|^pin$|^mfacode$|^jwt$|^bearer$|capability$)/;
/** Personal fields: of the actor, the subject, the reporter. */
const PERSONAL_NAMES =
  /(e?mail(address)?$|phone|mobile|^ip$|ipaddr(ess)?$|remoteaddr|forwardedfor|useragent|^sub$|fullname|firstname|lastname|surname|givenname|familyname|actorname|displayname|birthdate|dateofbirth|^dob$|^ssn$|socialsecurity|passport|iban|cardnumber|creditcard|^address$|streetaddress|postcode|zipcode)/;
/** Names that the lists would hit and that hold no secret. */
const PLAIN_NAMES = /^(token(s|count)|tokensused|tokentype|secretsscanned|tokenstate)$/;

const PATTERNS: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g,
  // JWS and JWE, whole or cut short.
  /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}/g,
  /\b(?:bearer|basic|digest|negotiate)\s+[A-Za-z0-9._~+/=-]{6,}/gi,
  /\b(?:AKIA|ASIA|AIDA|AROA|AGPA|ANPA|ABIA|ACCA)[A-Z0-9]{12,}\b/g,
  /\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,}|glpat-[\w-]{16,})/g,
  /\b(?:xox[abeoprs]-[\w-]{8,}|xapp-[\w-]{8,})/g,
  /https:\/\/hooks\.slack\.com\/\S+/gi,
  /\b(?:sk|rk|pk|whsec)_(?:live|test)?_?[A-Za-z0-9]{16,}/g,
  /\b(?:sk-(?:ant-|proj-)?[\w-]{20,}|AIza[\w-]{30,}|ya29\.[\w-]{16,}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|hvs\.[\w-]{16,}|dop_v1_[a-f0-9]{32,})/g,
  // user:password@host
  /[a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,128}:[^\s/@]{1,256}@/gi,
  // RFC 5321 §4.5.3.1: a local part has at most 64 octets.
  /[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu,
  // Written like name=value or "name": "value" inside a longer text.
  /(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie)[\w-]{0,24}["'\\]{0,8}\s{0,4}[:=]\s{0,4}["'\\]{0,8}[^\s"'\\,;&}]{1,512}/gi,
  /\b\d{3}-\d{2}-\d{4}\b/g,
  /(?<![\w.])\+\d[\d ().-]{7,17}\d\b/g,
  /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g,
  /(?<![\w:])(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}(?![\w:])/gi,
  /(?<![\w:])(?:[0-9a-f]{1,4}:){2,6}(?::[0-9a-f]{1,4}){1,5}(?![\w:])/gi,
];
/** Loopback and unspecified addresses are nobody's. */
const IPV4 =
  /(?<![\d.])(?!127\.|0\.0\.0\.0)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])/g;
const CARD = /(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])/g;
const ENCODED = /[A-Za-z0-9+/_-]{12,}={0,2}/g;
const HEX = /\b(?:[0-9a-f]{2}){8,}\b/gi;

/** Fields that our own code fills with ids, hashes and names: of this shape they need no search. */
const OWN_FIELDS = new Set([
  'trace_id',
  'span_id',
  'parent_id',
  'request_id',
  'decision_id',
  'execution_id',
  'approval_id',
  'actor',
  'subject',
  'record_hash',
  'digest',
  'method',
  'route',
  'stage',
  'outcome',
  'drag_mode',
  'workflow_name',
  'tool',
  'name',
  'start',
  'status',
]);
const OWN_SHAPE = /^(?!eyJ)[A-Za-z0-9_.:/-]{1,80}$/;

/** A name that can hold nothing else, and one as spans have them: `http.route`. */
const WORD = /^\w{1,40}$/;
const DOTTED = /^[\w.]{1,40}$/;

/** Texts and field names that are remembered as harmless, so that what every line repeats is searched once. */
const REMEMBERED = 2_000;
const REMEMBERED_TEXT = 80;

/** On top of what is built in: `patterns` of text, and names of `fields` (the charter's `redact_fields`). */
export interface Further {
  readonly patterns?: readonly RegExp[];
  readonly fields?: readonly string[];
}

export function createRedactor({ patterns: more = [], fields = [] }: Further = {}): Redact {
  const patterns = [...PATTERNS, ...more];
  const named = new Set(fields.map(bareName));
  const clean = new Recent<true>(REMEMBERED);
  const known = new Recent<Field>(REMEMBERED);

  function isHidden(name: string): boolean {
    const bare = bareName(name);
    return (
      named.has(bare) || (!PLAIN_NAMES.test(bare) && (SECRET_NAMES.test(bare) || PERSONAL_NAMES.test(bare)))
    );
  }

  function fieldOf(name: string): Field {
    const found = known.get(name);
    if (found !== undefined) return found;
    const shown = WORD.test(name) ? name : text(name, 0);
    const field: Field = {
      shown,
      hidden: isHidden(name),
      own: OWN_FIELDS.has(name) && !named.has(bareName(name)),
    };
    // A long name may be a text of somebody's: it is not kept.
    return shown === name && DOTTED.test(name) ? known.keep(name, field) : field;
  }

  /** Only what came out as it went in is remembered: a memory of secrets would be another place to lose them. */
  function searched(value: string): string {
    if (value.length > REMEMBERED_TEXT) return text(value, MAX_DECODINGS);
    if (clean.get(value) === true) return value;
    const found = text(value, MAX_DECODINGS);
    if (found === value) clean.keep(value, true);
    return found;
  }

  function text(value: string, decodings: number): string {
    if (value.length < 3) return value;
    let clean = value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
    for (const pattern of patterns) clean = clean.replace(pattern, HIDDEN);
    clean = clean.replace(IPV4, HIDDEN).replace(CARD, (digits) => (luhn(digits) ? HIDDEN : digits));
    return decodings === 0 || clean.length < MIN_ENCODED ? clean : decoded(clean, decodings - 1);
  }

  /** A decoding that reveals something hides the whole encoded text. */
  function decoded(value: string, left: number): string {
    const reveals = (plain: string | undefined): boolean =>
      plain !== undefined && text(plain, left) !== plain;
    if (/%[0-9a-f]{2}/i.test(value) && reveals(percent(value))) return HIDDEN;
    if (/\\u[0-9a-f]{4}|&#x?[0-9a-f]+;/i.test(value) && reveals(escapes(value))) return HIDDEN;
    return value
      .replace(HEX, (part) => (reveals(printable(Buffer.from(part, 'hex'))) ? HIDDEN : part))
      .replace(ENCODED, (part) => (reveals(printable(Buffer.from(part, 'base64'))) ? HIDDEN : part));
  }

  function walk(value: unknown, depth: number, outer: Within | undefined): unknown {
    if (typeof value === 'string') return searched(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
    for (let around = outer; around !== undefined; around = around.outer)
      if (around.value === value) return '[circular]';
    if (depth === 0) return '[deep]';
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
    const within: Within = { value, outer };
    if (Array.isArray(value)) return list(value, depth, within);
    if (value instanceof Set) return list([...value], depth, within);
    if (value instanceof Error) return walk(errorFields(value), depth, within);
    const shape: Record<string, unknown> = {};
    if (value instanceof Map)
      for (const [key, entry] of value) member(shape, String(key), entry, depth, within);
    else for (const key of Object.keys(value)) member(shape, key, Reflect.get(value, key), depth, within);
    return shape;
  }

  /** `['authorization', 'x']`, as raw headers come: a name hides the text after it. */
  const list = (values: readonly unknown[], depth: number, within: Within): unknown[] =>
    values.map((entry, index) => {
      const before = values[index - 1];
      const named =
        typeof before === 'string' && before.length < 40 && typeof entry === 'string' && isHidden(before);
      return named ? HIDDEN : walk(entry, depth - 1, within);
    });

  function member(
    shape: Record<string, unknown>,
    key: string,
    entry: unknown,
    depth: number,
    within: Within,
  ): void {
    const { shown, hidden, own } = fieldOf(key);
    if (own && typeof entry === 'string' && OWN_SHAPE.test(entry)) shape[shown] = entry;
    else
      shape[shown] =
        hidden && entry !== null && entry !== undefined ? HIDDEN : walk(entry, depth - 1, within);
  }

  return (value) => walk(value, MAX_DEPTH, undefined);
}

/** What is being walked, and what it is within. */
interface Within {
  readonly value: object;
  readonly outer: Within | undefined;
}

/** What the name of a field says: how it is shown, whether it hides its value, whether only our code fills it. */
interface Field {
  readonly shown: string;
  readonly hidden: boolean;
  readonly own: boolean;
}

const bareName = (name: string): string => name.toLowerCase().replace(/[_\-\s.]/g, '');

function errorFields(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return { ...Object.fromEntries(Object.entries(error)), name, message, stack, ...(cause ? { cause } : {}) };
}

function percent(value: string): string | undefined {
  try {
    return decodeURIComponent(value.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return undefined;
  }
}

/** JSON's \uXXXX and HTML's numeric entities. */
const escapes = (value: string): string =>
  value
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/&#x([0-9a-f]{1,5});/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)));

/** The text that bytes spell, if they spell one: ids and digests decode to noise and stay as they are. */
function printable(bytes: Buffer): string | undefined {
  const spelled = bytes.toString('utf8');
  return spelled.length >= 6 && /^[\x20-\x7e\s\u00a0-\u024f]+$/.test(spelled) ? spelled : undefined;
}

/** ISO/IEC 7812 check digit, so that long numbers which are no cards stay readable. */
function luhn(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length >= 13 && sum % 10 === 0;
}
