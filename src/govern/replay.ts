/**
 * What would another charter have decided? Asks recorded questions again of a candidate and lists the decisions
 * that would flip. Rules change, facts stay: risk, roles and attributes are those of the record.
 */

import * as z from 'zod';
import { type Charter, scopesOfRoles } from '../charter/charter.ts';
import { flipsDigest, replayDigest } from '../charter/drafts.ts';
import { gatewayAttributes } from '../charter/gateway.ts';
import { judge } from '../charter/judge.ts';
import { isOutsideManifest } from '../charter/manifest.ts';
import { approvalFor } from '../decision/decide.ts';
import { covers } from '../identity/scopes.ts';
import type { JsonObject } from '../json.ts';
import type { TableReader } from '../ledger/entry.ts';
import type { DecisionData } from '../ledger/payloads.ts';
import { allEntries } from '../ledger/reader.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import type { Outcome } from '../terms.ts';

/** A decision as its record keeps it. */
export interface RecordedDecision {
  /** `{lane}.{seq}`. */
  readonly id: string;
  readonly data: DecisionData;
}

export interface Flip {
  /** `allow_to_deny` and so on: what an activation acknowledges. */
  readonly kind: FlipKind;
  readonly count: number;
  /** The first few. */
  readonly examples: readonly {
    readonly record: string;
    readonly decision_id: string;
    readonly action: string;
    readonly resource: string;
    readonly roles: readonly string[];
    /** Policies or reasons of the candidate. */
    readonly because: readonly string[];
  }[];
}

export type FlipKind = `${Outcome}_to_${Outcome}`;

export interface ReplayReport {
  readonly base: string;
  readonly candidate: string;
  /** Decisions that were asked again. */
  readonly replayed: number;
  /** Decisions that no policy made: malformed requests, limits, sanctions, stops. */
  readonly skipped: number;
  readonly flips: readonly Flip[];
  /** Binds an acknowledgement to exactly these flips. */
  readonly flips_digest: string;
}

/** A replay over a stretch of time, named by a digest over all of it: what votes are bound to. */
export interface CoveringReplay extends ReplayReport {
  /** RFC 3339. */
  readonly since: string;
  readonly until: string;
  readonly replay_digest: string;
}

/** @param since @param until milliseconds */
export function covering(report: ReplayReport, since: number, until: number): CoveringReplay {
  const span = { since: new Date(since).toISOString(), until: new Date(until).toISOString() };
  return { ...report, ...span, replay_digest: replayDigest({ ...report, ...span }) };
}

const EXAMPLES = 5;
/** Decisions between two breaths, so that whatever else runs in this thread gets a turn. */
const BATCH = 200;

/**
 * @param base the charter in force, whose role scopes the recorded scopes contain
 * @param breathe yields the thread
 */
export async function replay(
  base: Charter,
  candidate: Charter,
  recorded: AsyncIterable<RecordedDecision>,
  breathe: () => Promise<void>,
): Promise<ReplayReport> {
  const flips = new Map<FlipKind, { count: number; examples: Flip['examples'][number][] }>();
  let replayed = 0;
  let skipped = 0;
  for await (const { id, data } of recorded) {
    if ((replayed + skipped) % BATCH === BATCH - 1) await breathe();
    const now = again(base, candidate, data);
    if (now === undefined || data.outcome === 'rejected') {
      skipped += 1;
      continue;
    }
    replayed += 1;
    if (now.outcome === data.outcome) continue;
    const kind: FlipKind = `${data.outcome}_to_${now.outcome}`;
    const flip = flips.get(kind) ?? { count: 0, examples: [] };
    flip.count += 1;
    if (flip.examples.length < EXAMPLES) {
      flip.examples.push({
        record: id,
        decision_id: data.decision_id,
        action: data.asked?.action ?? data.action,
        resource: `${data.resource.type}/${data.resource.id}`,
        roles: data.principal.roles,
        because: now.because,
      });
    }
    flips.set(kind, flip);
  }
  const list = [...flips].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, flip]) => ({ kind, ...flip }));
  return {
    base: base.digest,
    candidate: candidate.digest,
    replayed,
    skipped,
    flips: list,
    flips_digest: flipsDigest(base.digest, candidate.digest, list),
  };
}

interface Again {
  readonly outcome: Outcome;
  readonly because: readonly string[];
}

/** The candidate's decision on a recorded question; undefined when no policy was asked then. */
export function again(base: Charter, candidate: Charter, data: DecisionData): Again | undefined {
  const { asked, principal } = data;
  // A limit that was hit says nothing about rules, and would be hit again or not by chance.
  if (asked === undefined || data.stage === 'limit') return undefined;
  const scopes = scopesUnder(base, candidate, principal);
  const missing = asked.scopes.filter((scope) => !covers(scopes, scope));
  if (missing.length > 0) return { outcome: 'deny', because: missing };

  const { status } = candidate;
  if (status === 'pending' || status === 'suspended')
    return { outcome: 'deny', because: [`charter_${status}`] };
  const { type, id } = data.resource;
  const judgement = judge(candidate, {
    subject: { id: '$sub', roles: principal.roles, attributes: subjectOf(data, scopes, asked.subject) },
    action: asked.action,
    resource: {
      type,
      id,
      attributes: { ...asked.resource, ...gatewayAttributes(candidate, type, id, asked.resource, true) },
    },
    context: asked.context,
  });
  if (judgement.refused) return { outcome: 'deny', because: [judgement.refused.code] };
  if (judgement.errors.length > 0) return { outcome: 'deny', because: judgement.errors };
  if (judgement.forbids.length > 0) return { outcome: 'deny', because: judgement.forbids };
  const { drag_mode } = data;
  if (
    drag_mode !== 'none' &&
    Object.keys(data.prescriptive.counts).length > 0 &&
    candidate.documents['modes.yaml'].modes[drag_mode].screened
  ) {
    return { outcome: 'deny', because: ['prescriptive_language'] };
  }
  if (judgement.permits.length === 0 || isOutside(data))
    return { outcome: 'deny', because: ['not_permitted'] };
  const approved = data.stage === 'approval' && data.outcome === 'allow';
  const waits = !approved && approvalFor(candidate, data.risk_level) !== undefined;
  return { outcome: waits ? 'require_approval' : 'allow', because: judgement.permits };
}

/** The manifest as it was then, where the charter's schema spoke of it. */
function isOutside({ asked, principal, drag_mode }: DecisionData): boolean {
  const manifest = recordedManifest.safeParse(asked?.resource);
  return manifest.success && isOutsideManifest(manifest.data, principal.roles, drag_mode);
}

/** What the token itself gave, and what its roles give under the candidate. */
function scopesUnder(
  base: Charter,
  candidate: Charter,
  { roles, scopes }: DecisionData['principal'],
): string[] {
  const byRole = new Set(scopesOfRoles(base)(roles));
  const byCandidate = scopesOfRoles(candidate)(roles);
  return [...new Set([...scopes.filter((scope) => !byRole.has(scope)), ...byCandidate])];
}

function subjectOf(data: DecisionData, scopes: readonly string[], agent: JsonObject): JsonObject {
  const { kind, roles, act_depth, fresh_mfa } = data.principal;
  return {
    sub: '$sub',
    roles: [...roles],
    kind,
    actor_type: data.actor_type,
    act_depth,
    fresh_mfa,
    scopes: [...scopes],
    agent_type: 'none',
    trust: 'untrusted',
    environment: 'unknown',
    capabilities: [],
    ...agent,
  };
}

/** Every recorded decision since a time (ms), oldest first. */
export async function* recordedDecisions(
  table: TableReader,
  since: number,
): AsyncGenerator<RecordedDecision> {
  const wanted = { type: 'decision.*', from: new Date(since).toISOString() };
  for await (const { id, record } of allEntries(table, wanted))
    if (isDecision(record)) yield { id, data: record.data };
}

const texts = z.array(z.string());
const recordedManifest = z.object({ roles: texts, modes: texts });
const object = z.record(z.string(), z.unknown());

/** A record may be older than this code: what does not read as a decision of today is not asked again. */
const readable = z.object({
  outcome: z.string(),
  stage: z.string(),
  risk_level: z.number(),
  resource: z.object({ type: z.string(), id: z.string() }),
  principal: z.object({
    kind: z.string(),
    roles: texts,
    scopes: texts,
    act_depth: z.number(),
    fresh_mfa: z.boolean(),
  }),
  prescriptive: z.object({ counts: object }),
  asked: z
    .object({ action: z.string(), subject: object, resource: object, context: object, scopes: texts })
    .optional(),
});

function isDecision(record: LedgerRecord): record is LedgerRecord & { data: DecisionData } {
  const { data, type } = record;
  return (type === 'decision.made' || type === 'decision.dry_run') && readable.safeParse(data).success;
}
