/**
 * AuthZEN's searches: which subjects, resources or actions would be allowed. Found is what the charter knows by name, and the caller itself;
 * people and things that no policy names are nobody's to list. Nothing is counted or recorded for each that was looked at: the search is one record.
 */
import * as z from 'zod';
import { open } from '../../src/aim/closed.ts';
import { actionsOn, namedIn } from '../../src/charter/named.ts';
import { foresee } from '../../src/decision/weigh.ts';
import { ChanceryError } from '../../src/errors.ts';
import type { ConsultDeps } from '../../src/gate/consult.ts';
import type { Office } from '../../src/gate/mediate.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { DRAG_MODES } from '../../src/terms.ts';
import { jsonOf, parseWith, readBody } from '../body.ts';
import { callerOf, onRecord } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import {
  action,
  type Evaluation,
  issuerOf,
  kindOf,
  object,
  questionOf,
  resource,
  SCOPE,
  subject,
  text,
} from './authzen-question.ts';

export interface SearchDeps {
  readonly office: Office & ConsultDeps;
}

const page = open({
  limit: z.int().min(1).max(1_000).default(100),
  /** `next_token` of the page before. */
  token: z.string().max(64).optional(),
});
const wanted = { context: object.optional(), page: page.optional() };
const nameless = { type: text, properties: object.optional() };
const searches = {
  subject: open({ ...wanted, subject: open(nameless), action, resource }),
  resource: open({ ...wanted, subject, action, resource: open(nameless) }),
  action: open({ ...wanted, subject, resource }),
};

const entities = (item: z.ZodType) =>
  z.object({
    results: z.array(item),
    page: z.object({ next_token: z.string(), count: z.int(), total: z.int() }).optional(),
  });
const thing = z.object({ type: z.string(), id: z.string() });
const found = {
  subject: entities(thing),
  resource: entities(thing),
  action: entities(z.object({ name: z.string() })),
};

export function searchRoutes({ office }: SearchDeps): RouteFamily {
  /** Those whose question would be answered with yes. */
  async function allowed<T>(
    c: Ctx,
    candidates: readonly T[],
    asked: (candidate: T) => Evaluation,
  ): Promise<T[]> {
    const questions = await Promise.all(
      candidates.map((candidate) => questionOf(office, c.get('principal'), asked(candidate))),
    );
    const decisions = await foresee(office, callerOf(c), questions);
    return candidates.filter((_, index) => decisions[index]?.outcome === 'allow');
  }

  async function subjects(c: Ctx): Promise<JsonObject> {
    const asked = parseWith(searches.subject, await searchOf(c));
    const { type } = asked.subject;
    const { sub, kind } = c.get('principal');
    const said = kindOf(type);
    // A type that nobody here knows has no members.
    const known = said.external ? [] : namedIn(await office.charter(), 'principal');
    const all = said.kind === kind && !said.external ? [...new Set([...known, sub])].sort() : known;
    const somebody = (id: string): Evaluation => ({ ...asked, subject: { ...asked.subject, id } });
    const named = all.filter((id) => office.issuers.person(id, issuerOf(somebody(id).subject)).ok);
    const results = await allowed(c, named, somebody);
    return answered(
      c,
      'subject',
      results.map((id) => ({ type, id })),
      asked.page,
    );
  }

  async function resources(c: Ctx): Promise<JsonObject> {
    const asked = parseWith(searches.resource, await searchOf(c));
    whose(asked.subject);
    const { type } = asked.resource;
    const all =
      type === 'workflow'
        ? office.workflows.all.map(({ name }) => name)
        : namedIn(await office.charter(), type);
    const results = await allowed(c, all, (id) => ({ ...asked, resource: { ...asked.resource, id } }));
    return answered(
      c,
      'resource',
      results.map((id) => ({ type, id })),
      asked.page,
    );
  }

  async function actions(c: Ctx): Promise<JsonObject> {
    const asked = parseWith(searches.action, await searchOf(c));
    whose(asked.subject);
    const { type } = asked.resource;
    const all = type === 'workflow' ? DRAG_MODES : actionsOn(await office.charter(), type);
    const results = await allowed(c, all, (name) => ({ ...asked, action: { name } }));
    return answered(
      c,
      'action',
      results.map((name) => ({ name })),
      asked.page,
    );
  }

  /** Throws VALIDATION_ERROR where the subject is nobody, or one of several. */
  function whose(named: Evaluation['subject']): void {
    const person = office.issuers.person(named.id, issuerOf(named));
    if (!person.ok)
      throw new ChanceryError('VALIDATION_ERROR', person.reason.message, { reasons: [person.reason] });
  }

  async function answered(
    c: Ctx,
    what: keyof typeof searches,
    all: readonly JsonObject[],
    asked?: z.output<typeof page>,
  ): Promise<JsonObject> {
    await office.ledger.append(onRecord(c, 'api.request', { what: `search_${what}`, found: all.length }));
    if (asked === undefined) return { results: [...all] };
    const from = startOf(asked.token);
    const results = all.slice(from, from + asked.limit);
    const end = from + results.length;
    return {
      results,
      page: { next_token: end < all.length ? `from-${end}` : '', count: results.length, total: all.length },
    };
  }

  return (mount) => {
    for (const [what, search] of [
      ['subject', subjects],
      ['resource', resources],
      ['action', actions],
    ] as const)
      mount(
        {
          method: 'post',
          path: `/access/v1/search/${what}`,
          scope: SCOPE,
          echoesRequestId: true,
          summary: `AuthZEN: which ${what}s would be allowed, among those that the charter knows by name`,
          tag: 'authzen',
          body: searches[what],
          responses: {
            200: { description: '`results`, in order', schema: found[what] },
            400: { description: 'Not a search' },
          },
        },
        async (c) => c.json(await search(c)),
      );
  };
}

/** What is no JSON by its type is answered 400 here, as evaluations answer it, and not 415. */
async function searchOf(c: Ctx): Promise<Json> {
  const body = await readBody(c);
  if (body.ok || body.reason.code !== 'unsupported_media_type') return jsonOf(body);
  throw new ChanceryError('VALIDATION_ERROR', body.reason.message, { reasons: [body.reason] });
}

/** Throws VALIDATION_ERROR for a token that no page ended with. */
function startOf(token: string | undefined): number {
  if (token === undefined || token === '') return 0;
  const [, from] = token.match(/^from-(\d{1,6})$/) ?? [];
  if (from === undefined)
    throw new ChanceryError('VALIDATION_ERROR', '/page/token: give the next_token of the page before.');
  return Number(from);
}
