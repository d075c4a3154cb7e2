/** The life of a charter: read, validate, draft, compare, test, replay, activate, roll back, try. */

import * as z from 'zod';
import { closed } from '../../src/aim/closed.ts';
import { duration } from '../../src/basics/duration.ts';
import type { Problem } from '../../src/basics/problem.ts';
import { BEYOND } from '../../src/charter/bounds.ts';
import type { Charter } from '../../src/charter/charter.ts';
import type { DraftView } from '../../src/charter/drafts.ts';
import { ChanceryError, type Reason } from '../../src/errors.ts';
import type { Amendments } from '../../src/govern/amendments.ts';
import type { Mover } from '../../src/govern/mover.ts';
import type { JsonObject } from '../../src/json.ts';
import type { Say } from '../../src/ledger/people/words.ts';
import { metaOf } from '../../src/ledger/record.ts';
import type { Clock } from '../../src/ports.ts';
import { parseWith, readJson, readOptionalJson, readQuery } from '../body.ts';
import { problem } from '../problem.ts';
import { callerOf } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';
import { wording } from '../words.ts';

export interface CharterRoutesDeps {
  readonly say: Say;
  readonly amendments: Amendments;
  readonly clock: Clock;
}

/** Path inside the bundle → text. */
const bundle = closed({ files: z.record(z.string().min(1).max(200), z.string()) });
const since = closed({
  since: duration.prefault('7d'),
});
const activation = closed({
  /** Kinds of flips that were seen (`allow_to_deny`, …), or the replay's `flips_digest`. */
  acknowledge: z.union([z.string(), z.array(z.string())]).default([]),
});
const against = closed({ against: z.string().optional() });
const rollback = closed({
  reason: wording(3, 1_000).default('no reason given'),
  /** Digest of a charter that was in force before; by default the last one. */
  to: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

export function charterRoutes({ amendments, say, clock }: CharterRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'get',
        path: '/charters',
        scope: 'charter:read',
        summary: 'The charter in force, drafts, and what was in force before',
        tag: 'charter',
        responses: { 200: { description: '`active`, `drafts`, `history`' } },
      },
      async (c) => {
        const { active, drafts, history } = await amendments.list();
        return c.json({ active, drafts: drafts.map(draftBody), history: [...history] });
      },
    );

    mount(
      {
        method: 'post',
        path: '/charters/validate',
        scope: 'charter:read',
        summary: 'What is wrong with a bundle, by file, line and column',
        tag: 'charter',
        body: bundle,
        responses: {
          200: { description: '`valid`, and the problems' },
          400: {
            description: 'No bundle, or more of one than is read: too large, too many, nested too deeply',
          },
        },
      },
      async (c) => {
        const { files } = parseWith(bundle, await readJson(c));
        const { valid, problems, digest, receipt } = await amendments.validate(
          new Map(Object.entries(files)),
          moverOf(c),
        );
        if (problems.some(({ code }) => BEYOND.has(code))) {
          return problem(c, 'VALIDATION_ERROR', 'The bundle is more than is read.', {
            reasons: problems.map(reasonOf),
            extra: { valid, problems: problems.map(problemBody), receipt: receiptBody(receipt) },
          });
        }
        return c.json({
          valid,
          problems: problems.map(problemBody),
          ...(digest ? { digest } : {}),
          receipt: receiptBody(receipt),
        });
      },
    );

    mount(
      {
        method: 'post',
        path: '/charters',
        scope: 'charter:write',
        summary: 'Draft a charter',
        tag: 'charter',
        body: bundle,
        responses: {
          201: { description: 'Kept as a draft under its digest' },
          400: { description: 'Not valid; nothing was kept' },
        },
      },
      async (c) => {
        const { files } = parseWith(bundle, await readJson(c));
        const drafted = await amendments.draft(new Map(Object.entries(files)), moverOf(c));
        if (!drafted.ok) {
          throw new ChanceryError('VALIDATION_ERROR', `The bundle has ${drafted.problems.length} problems.`, {
            reasons: drafted.problems.map(reasonOf),
          });
        }
        const { draft, diff, receipt } = drafted;
        return c.json({ ...draftBody(draft), diff: { ...diff }, receipt: receiptBody(receipt) }, 201);
      },
    );

    mount(
      {
        method: 'post',
        path: '/charters/rollback',
        scope: 'charter:activate',
        summary: 'Put the charter that was in force before in force again',
        tag: 'charter',
        body: rollback,
        responses: {
          200: { description: 'It is in force; `rolled_back` is false when it was already' },
          403: { description: 'Not a person' },
          409: { description: 'There was none before, or `to` was not before' },
        },
      },
      async (c) => {
        const { reason, to } = parseWith(rollback, await readOptionalJson(c));
        const { receipt, ...done } = await amendments.rollback(moverOf(c), say(reason), to);
        return c.json({ ...done, ...(receipt === undefined ? {} : { receipt: receiptBody(receipt) }) });
      },
    );

    mount(
      {
        method: 'delete',
        path: '/charters/shadow',
        scope: 'charter:write',
        summary: 'End the trial of a candidate',
        tag: 'charter',
        responses: { 200: { description: 'Nothing is tried' } },
      },
      async (c) =>
        c.json({ shadow: null, receipt: receiptBody(await amendments.shadow(undefined, moverOf(c))) }),
    );

    mount(
      {
        method: 'get',
        path: '/charters/:id',
        scope: 'charter:read',
        summary: 'One charter, `active` or by digest, with its files',
        tag: 'charter',
        responses: { 200: { description: 'The charter' }, 404: { description: 'No such charter' } },
      },
      async (c) => {
        const { charter, draft } = await amendments.get(idOf(c));
        return c.json({ ...charterBody(charter), ...(draft ? { draft: draftBody(draft) } : {}) });
      },
    );

    mount(
      {
        method: 'get',
        path: '/charters/:id/diff',
        scope: 'charter:read',
        summary: 'How it differs, by meaning, from the one in force or from `against`',
        tag: 'charter',
        query: against,
        responses: { 200: { description: '`added`, `removed`, `changed`' } },
      },
      async (c) => c.json({ ...(await amendments.diff(idOf(c), readQuery(c, against).against ?? 'active')) }),
    );

    mount(
      {
        method: 'post',
        path: '/charters/:id/test',
        scope: 'charter:read',
        summary: 'Decide the examples that came with it',
        tag: 'charter',
        responses: { 200: { description: 'What passed, what failed, which policies no example uses' } },
      },
      async (c) => c.json({ ...(await amendments.test(idOf(c))) }),
    );

    mount(
      {
        method: 'post',
        path: '/charters/:id/replay',
        scope: 'charter:read',
        summary: 'Decide recorded decisions again and list the flips',
        tag: 'charter',
        body: since,
        responses: {
          200: { description: 'Flips by kind with examples, and the digest that acknowledges them' },
        },
      },
      async (c) => {
        const order = parseWith(since, await readOptionalJson(c));
        return c.json({ ...(await amendments.replay(idOf(c), clock() - order.since * 1_000, moverOf(c))) });
      },
    );

    mount(
      {
        method: 'post',
        path: '/charters/:id/shadow',
        scope: 'charter:write',
        summary: 'Try a draft beside the charter in force: asked and recorded, not followed',
        tag: 'charter',
        responses: { 200: { description: 'It is tried from now on' } },
      },
      async (c) =>
        c.json({ shadow: idOf(c), receipt: receiptBody(await amendments.shadow(idOf(c), moverOf(c))) }),
    );

    mount(
      {
        method: 'post',
        path: '/charters/:id/activate',
        scope: 'charter:activate',
        summary: 'Vote to put a draft in force; with the quorum it is',
        tag: 'charter',
        body: activation,
        responses: {
          200: { description: 'It is in force' },
          202: { description: 'More people have to agree' },
          403: { description: 'Not a person, or who drafted it' },
          409: { description: 'Not replayed, flips not acknowledged, voted already, or in force already' },
        },
      },
      async (c) => {
        const { acknowledge } = parseWith(activation, await readOptionalJson(c));
        const kinds = typeof acknowledge === 'string' ? [acknowledge] : acknowledge;
        const { receipt, ...voted } = await amendments.activate(idOf(c), kinds, moverOf(c));
        return c.json({ ...voted, receipt: receiptBody(receipt) }, voted.activated ? 200 : 202);
      },
    );
  };
}

function moverOf(c: Ctx): Mover {
  const caller = callerOf(c);
  return { principal: caller.principal, trace: caller.trace, meta: metaOf(caller), seen: caller.seen };
}

function idOf(c: Ctx): string {
  return c.req.param('id') ?? '';
}

function draftBody({ replay, ...rest }: DraftView): JsonObject {
  return { ...rest, ...(replay === undefined ? {} : { replay }) };
}

function problemBody(found: Problem): JsonObject {
  return { ...found };
}

function reasonOf({ code, file, line, column, message, fix }: Problem): Reason {
  return { code, path: `${file}:${line}:${column}`, message: `${message}; ${fix}`, kind: 'invalid' };
}

function charterBody(charter: Charter): JsonObject {
  const { policy_mode, principles, violation_policy } = charter.documents['charter.yaml'];
  return {
    digest: charter.digest,
    name: charter.name,
    version: charter.version,
    status: charter.status,
    policy_mode,
    principles,
    violation_policy,
    policies: charter.policies.map(({ id, effect, description, file, place }) => ({
      id,
      effect,
      description,
      file,
      line: place.line,
    })),
    files: Object.fromEntries(charter.files),
  };
}
