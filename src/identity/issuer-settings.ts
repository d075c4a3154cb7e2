/**
 * What an operator says of an issuer, the same locally (`CHANCERY_ISSUERS`) and on AWS (`lib/environments.ts`):
 * parsed strictly, since a setting that is misspelt and passed over would let in the wrong people, or nobody.
 */
import * as z from 'zod';
import { nearest } from '../basics/nearest.ts';
import { type ClaimMapping, type ClaimPath, MAPPED, type Mapped, PRESETS, type Preset } from './mapping.ts';
import type { IssuerSettings, SignInSettings } from './settings.ts';

export interface IssuerEntry {
  /** Exactly the `iss` of its tokens: a URL. */
  readonly issuer: string;
  /** As records, commands and bodies call it; by default the URL without its scheme. */
  readonly name?: string;
  /** Its people are on record by `sub` alone (docs/identity.md, "Two issuers"). */
  readonly home?: boolean;
  /** What a token must be meant for: one of these. */
  readonly audience: string | readonly string[];
  /** Where it publishes its keys. */
  readonly jwksUri: string;
  readonly preset?: Preset;
  /** Where its tokens carry something else than the preset says. Several claims: all of them, or the first. */
  readonly claims?: Readonly<Partial<Record<Mapped, ClaimPath | readonly ClaimPath[]>>>;
  /** Taken off the front of scopes that begin with it, e.g. `https://chancery.example.org/`. */
  readonly scopePrefix?: string;
  /** Only tokens of `typ: at+jwt` (RFC 9068 §4). */
  readonly requireAccessTokenType?: boolean;
  /** People sign in to the console there, as this client; `scope` is `openid` where it is not said. */
  readonly signIn?: Partial<SignInSettings> & Pick<SignInSettings, 'clientId'>;
}

const PRESET_NAMES = Object.keys(PRESETS).filter((name): name is Preset => Object.hasOwn(PRESETS, name));
const AUDIENCE_CLAIMS = ['aud', 'client_id', 'azp'];

const text = z.string().min(1).max(512);
const texts = z.union([text.transform((one) => [one]), z.array(text).min(1).max(20)]);
const oneOf = <T extends string>(what: string, known: readonly T[]) =>
  z.string().transform((given, context): T => {
    const found = known.find((name) => name === given);
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', message: unknownName(what, given, known) });
    return z.NEVER;
  });

/** An object with known members only; an unknown one is named, with what was probably meant. */
const strictly = <T extends z.ZodRawShape>(what: string, shape: T) =>
  z.looseObject(shape).check((context) => {
    const known = Object.keys(shape);
    for (const name of Object.keys(context.value).filter((each) => !known.includes(each))) {
      const message = unknownName(what, name, known);
      context.issues.push({ code: 'custom', path: [name], input: name, message });
    }
  });

const claims = strictly('claim', {
  roles: texts.optional(),
  scopes: texts.optional(),
  kind: texts.optional(),
  name: texts.optional(),
  email: texts.optional(),
  session: texts.optional(),
  audience: z
    .union([
      oneOf('audience claim', AUDIENCE_CLAIMS).transform((one) => [one]),
      z.array(oneOf('audience claim', AUDIENCE_CLAIMS)).min(1),
    ])
    .optional(),
} satisfies Record<Mapped, z.ZodType>);

const endpoint = z.url({ protocol: /^https?$/ });
const signIn = strictly('member', {
  clientId: text,
  scope: text
    .regex(/(?:^| )openid(?: |$)/, 'ask for openid: without it nobody says who signed in')
    .default('openid'),
  audience: text.optional(),
  authorizationEndpoint: endpoint.optional(),
  tokenEndpoint: endpoint.optional(),
} satisfies Record<keyof SignInSettings, z.ZodType>);

const entry = strictly('member', {
  issuer: z.string().refine(isIssuerUrl, 'an issuer is a URL without query and fragment (RFC 8414 §2)'),
  name: text.regex(/^[^\s]+$/, 'a name has no blanks').optional(),
  home: z.boolean().optional(),
  audience: texts,
  jwksUri: z.url(),
  preset: oneOf('preset', PRESET_NAMES).default('plain'),
  claims: claims.optional(),
  scopePrefix: text.optional(),
  requireAccessTokenType: z.boolean().optional(),
  signIn: signIn.optional(),
} satisfies Record<keyof IssuerEntry, z.ZodType>);

export const issuersSchema = z.array(entry.transform(settingsOf));

function settingsOf(given: z.output<typeof entry>): IssuerSettings {
  const preset: ClaimMapping = PRESETS[given.preset];
  const required = given.requireAccessTokenType ?? preset.requireAccessTokenType;
  const own = MAPPED.flatMap((name) => {
    const paths = given.claims?.[name];
    return paths === undefined ? [] : [[name, paths] as const];
  });
  return {
    issuer: given.issuer,
    name: given.name ?? given.issuer.replace(/^https?:\/\//, ''),
    ...(given.home === undefined ? {} : { home: given.home }),
    audience: given.audience,
    jwksUri: given.jwksUri,
    ...(given.signIn === undefined ? {} : { signIn: given.signIn }),
    claims: {
      ...preset,
      ...Object.fromEntries(own),
      ...(given.scopePrefix === undefined ? {} : { scopePrefix: given.scopePrefix }),
      ...(required === undefined ? {} : { requireAccessTokenType: required }),
    },
  };
}

function isIssuerUrl(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, search, hash, username } = new URL(given);
  return (protocol === 'https:' || protocol === 'http:') && search === '' && hash === '' && username === '';
}

function unknownName(what: string, given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  const help = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`;
  return `there is no ${what} ${given}: ${help}`;
}

/** What is wrong with the settings, a line for each mistake: `0.claims.rolse: there is no …`. */
export const mistakesIn = (error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
