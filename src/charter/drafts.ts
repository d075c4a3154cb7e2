/** Drafts of charters in the store: who handed them in, what a replay found, who has voted. */
import * as z from 'zod';
import { digestJson } from '../basics/digest.ts';
import { ChanceryError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Item, Table } from '../ports.ts';

const marked = { by: z.string(), marks: z.array(z.string()) };
const vote = z.object({
  ...marked,
  at: z.number(),
  base: z.string(),
  term: z.string(),
  replay: z.string(),
  /** Id of the record of this vote. */
  record: z.string(),
});
export type ActivationVote = z.output<typeof vote>;
const draftItem = z.object({
  version: z.number().int(),
  digest: z.string(),
  charter_version: z.string(),
  name: z.string(),
  drafted_by: z.object(marked),
  /** Id of the record of the drafting. */
  record: z.string(),
  drafted_at: z.number(),
  votes: z.array(vote),
  /** JSON text of the replay that voters acknowledge, and the record of it. */
  replay: z.string().optional(),
  replay_record: z.string().optional(),
  replay_digest: z.string().optional(),
});
export type Draft = z.output<typeof draftItem>;

export interface DraftView {
  readonly id: string;
  readonly digest: string;
  readonly name: string;
  readonly version: string;
  readonly status: 'active' | 'draft';
  readonly drafted_by: string;
  readonly drafted_at: string;
  readonly votes: number;
  readonly replay?: Json;
}

export interface Drafts {
  get(id: string): Promise<Draft | undefined>;
  list(): Promise<readonly Draft[]>;
  /** Keeps a new draft; one of the same content stays as it is, with its votes. */
  keep(draft: Omit<Draft, 'version' | 'votes'>): Promise<void>;
  /** Changes a draft against races. Throws NOT_FOUND, or CONFLICT when others keep changing it. */
  change(id: string, next: (draft: Draft) => Draft): Promise<Draft>;
}

export const DRAFTS = 'CHARTER#DRAFTS';
const TRIES = 8;

export function createDrafts(table: Table): Drafts {
  async function get(id: string): Promise<Draft | undefined> {
    const item = await table.get(DRAFTS, id);
    return item === undefined ? undefined : readDraft(item);
  }

  return {
    get,
    async list() {
      const drafts: Draft[] = [];
      let after: string | undefined;
      do {
        const page = await table.query(DRAFTS, after === undefined ? {} : { after });
        drafts.push(...page.items.map(readDraft));
        after = page.next;
      } while (after !== undefined);
      return drafts;
    },
    async keep(draft) {
      await table.put(itemOf({ ...draft, version: 1, votes: [] }), 'absent');
    },
    async change(id, next) {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const draft = await get(id);
        if (draft === undefined) throw new ChanceryError('NOT_FOUND', `There is no draft ${id}.`);
        const changed = { ...next(draft), version: draft.version + 1 };
        const { stored } = await table.put(itemOf(changed), { version: draft.version });
        if (stored) return changed;
      }
      throw new ChanceryError('CONFLICT', 'The draft is being changed by others; try again.');
    },
  };
}

const summary = z.object({
  base: z.string(),
  candidate: z.string(),
  replayed: z.number(),
  skipped: z.number(),
  since: z.string(),
  until: z.string(),
  replay_digest: z.string(),
  flips_digest: z.string(),
  flips: z.array(z.object({ kind: z.string(), count: z.number() })),
});

/** Names the flips of a replay: what an acknowledgement is for. */
export function flipsDigest(
  base: string,
  candidate: string,
  flips: readonly { readonly kind: string; readonly count: number }[],
): string {
  return digestJson({
    base,
    candidate,
    flips: Object.fromEntries(flips.map(({ kind, count }) => [kind, count])),
  });
}

/** Names a whole replay: what votes are bound to. */
export function replayDigest(report: Omit<z.output<typeof summary>, 'replay_digest' | 'flips'>): string {
  const { base, candidate, replayed, skipped, since, until, flips_digest } = report;
  return digestJson({ base, candidate, replayed, skipped, since, until, flips_digest });
}

/** The replay that voters of a draft acknowledge; undefined while there is none that is what was recorded. */
export function replayOf(draft: Draft): z.output<typeof summary> | undefined {
  if (draft.replay === undefined) return undefined;
  const parsed = summary.safeParse(JSON.parse(draft.replay));
  if (!parsed.success) return undefined;
  const { base, candidate, flips, flips_digest, replay_digest } = parsed.data;
  const genuine =
    replay_digest === draft.replay_digest &&
    replay_digest === replayDigest(parsed.data) &&
    flips_digest === flipsDigest(base, candidate, flips);
  return genuine ? parsed.data : undefined;
}

/** What others see of a draft, given the digest of the charter in force and how many votes count now. */
export function viewOf(draft: Draft, inForce: string, votes: number): DraftView {
  return {
    id: draft.digest,
    digest: draft.digest,
    name: draft.name,
    version: draft.charter_version,
    status: draft.digest === inForce ? 'active' : 'draft',
    drafted_by: draft.drafted_by.by,
    drafted_at: new Date(draft.drafted_at).toISOString(),
    votes,
    ...(draft.replay ? { replay: JSON.parse(draft.replay) } : {}),
  };
}

function itemOf(draft: Draft): Item {
  const { votes, drafted_by, replay, replay_record, replay_digest, ...rest } = draft;
  return {
    pk: DRAFTS,
    sk: draft.digest,
    ...rest,
    drafted_by: { ...drafted_by },
    votes: votes.map((one) => ({ ...one })),
    ...(replay === undefined ? {} : { replay }),
    ...(replay_record === undefined ? {} : { replay_record }),
    ...(replay_digest === undefined ? {} : { replay_digest }),
  };
}

function readDraft(item: Item): Draft {
  const parsed = draftItem.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new ChanceryError('STORE_UNAVAILABLE', 'A draft in the store is not readable.');
}
