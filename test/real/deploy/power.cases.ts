/**
 * Somebody with the right to write to the state table of the deployed stacks: for each kind of item that gives power they insert one, change
 * one and take one away. Nothing of it is acted on, each is named on record, and what the ledger knows is there again.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { BEARS, kindOf, type PowerKind } from '../../../src/govern/power/powers.ts';
import { readEntries } from '../../../src/ledger/reader.ts';
import type { Item, Table } from '../../../src/ports.ts';
import type { Deployment } from '../deployment.ts';

type At = readonly [pk: string, sk: string];
/** What the stream and a cold start take on a stand-in that runs beside its caller. */
const PATIENCE = { timeout: 60_000, interval: 250 };

/** Where no record knows of anything. */
const NOWHERE: Readonly<Record<PowerKind, At>> = {
  charter_in_force: ['CHARTER', 'active'],
  charter_bundle: ['CHARTER', `bundle#${'f'.repeat(64)}`],
  charter_votes: ['CHARTER#DRAFTS', 'f'.repeat(64)],
  emergency: ['SYSTEM', 'emergency'],
  approval: ['APPROVALS', 'apr_01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  sanction: ['PRINCIPAL#nobody', 'standing'],
  sanction_entry: ['SANCTIONS', 'san_01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  case: ['VIOLATIONS', 'vio_01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  override: ['OVERRIDES', 'ovr_01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  healing: ['HEALING', 'heal_01ARZ3NDEK0123456789ABCDEF'],
  revocation: ['REVOCATIONS', 'rev_01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  hold: ['HOLDS', 'hold_01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  acknowledgement: ['ALERTS', 'forged'],
  capability_use: ['CAPABILITY', 'forged'],
  mission: ['MISSIONS#nobody', 'mis_forged'],
  tool_review: ['TOOL_REVIEWS', 'forged.tool'],
};
const FORGED: Readonly<Record<string, object>> = {
  charter_in_force: {
    digest: 'f'.repeat(64),
    charter_version: '1',
    activated_at: 1,
    how: 'activated',
    earlier: [],
  },
  // A stop that no record explains holds, whoever wrote it; one that has a record of another does not.
  emergency: { stopped: true, since: 1, until: 4e12, releases: [], record: '1.0' },
  sanction: { s_ban: 1, s_ban_w: 4e12 },
  acknowledgement: { acknowledged_by: 'Mallory', acknowledged_record: '1.0' },
};

export function insiders(deployed: () => Deployment): void {
  describe('somebody who may write to the working state, and nothing else', () => {
    let state: Table;
    const tokens: Record<string, string> = {};
    const there = new Map<PowerKind, At>();

    const call = async (who: string, route: string, body?: unknown) =>
      deployed().call(route, { token: tokens[who] ?? '', ...(body === undefined ? {} : { body }) });

    beforeAll(async () => {
      state = deployed().table('state');
      for (const [sub, roles] of [
        ['ada', ['admin']],
        ['mia', ['committee_member']],
        ['noa', ['committee_member']],
        ['rex', ['emergency_responder']],
        ['roy', ['emergency_responder']],
        ['olive', ['operator']],
      ] as const)
        tokens[sub] = await deployed().issuer.mint({ sub, name: `${sub} Person`, roles, kind: 'human' });

      const { body: hold } = await call('ada', 'POST /ledger/holds', {
        subject: 'jane',
        reason: 'a court asks',
      });
      there.set('hold', ['HOLDS', hold.hold_id]);
      const aim = {
        actor: { name: 'olive Person' },
        input: { sources: [{ type: 'api', description: 'notes' }] },
        mission: { objective: 'Deploy for a test of power', success_criteria: ['it is done'] },
      };
      const { body: waits } = await call('olive', 'POST /workflows/governed/execute', {
        workflow_name: 'deploy-to-production',
        drag_mode: 'execute',
        aim,
        parameters: { version: 'v9' },
      });
      there.set('approval', ['APPROVALS', waits.approval.approval_id]);
      const { files } = (await call('ada', 'GET /charters/active')).body;
      const renamed = {
        ...files,
        'charter.yaml': files['charter.yaml'].replace('name: default', 'name: other'),
      };
      const { body: draft } = await call('ada', 'POST /charters', { files: renamed });
      there.set('charter_votes', ['CHARTER#DRAFTS', draft.id]);
      there.set('charter_bundle', ['CHARTER', `bundle#${draft.id}`]);
      const { body: override } = await call('mia', 'POST /overrides', {
        reason: 'time_limited_exception',
        justification: 'The payment provider rotates its certificates tonight',
        workflow_name: 'data-export',
      });
      there.set('override', ['OVERRIDES', override.override_id]);
      const { body: mission } = await call('olive', 'POST /missions', { aim, tools: ['search-mcp.search'] });
      const [registered] = (await records('mission.registered')).filter(
        ({ record }) => record.data.mission_id === mission.mission_id,
      );
      there.set('mission', [`MISSIONS#${registered?.record.subject}`, mission.mission_id]);
      const { capability } = (await call('olive', 'POST /decisions', SEARCH)).body;
      await call('olive', 'POST /decisions/verify', { token: capability.token });
      const { jti } = JSON.parse(Buffer.from(capability.token.split('.')[1], 'base64url').toString());
      there.set('capability_use', ['CAPABILITY', jti]);
      // What earlier cases of this deployment left behind.
      for (const kind of ['case', 'sanction_entry', 'healing', 'revocation', 'charter_in_force'] as const) {
        const [pk, sk] = NOWHERE[kind];
        const { items } = await state.query(pk, { reverse: true, limit: 50 });
        const found = items.find(
          (item) => kindOf(pk, item.sk) === kind && (kind !== 'charter_in_force' || item.sk === sk),
        );
        if (found === undefined) continue;
        there.set(kind, [pk, found.sk]);
        if (kind === 'revocation') there.set('sanction', [`PRINCIPAL#${found.subject}`, 'standing']);
      }
    }, 120_000);

    const records = async (type: string) =>
      (await readEntries(deployed().table('ledger'), { type }, { limit: 200, order: 'newest' })).entries;

    /** All at once; resolves when each is named. */
    async function tampered(
      what: 'inserted' | 'changed' | 'removed',
      items: ReadonlyMap<PowerKind, At>,
      how: (kind: PowerKind, at: At) => Promise<unknown>,
    ): Promise<void> {
      const began = performance.now();
      await Promise.all([...items].map(([kind, at]) => how(kind, at)));
      const late = new Map(items);
      await expect
        .poll(async () => {
          for (const { record } of await records('security.tamper_detected'))
            for (const [kind, [, place]] of late) {
              const { data } = record;
              if (data.item === kind && data.place === place && data.kind === `state_${what}`)
                late.delete(kind);
            }
          return [...late.keys()];
        }, PATIENCE)
        .toEqual([]);
      console.log(`${items.size} kinds ${what}: all named after ${Math.round(performance.now() - began)} ms`);
    }

    // Absent, null and the zero of a sanction that was lifted say the same.
    const bears = (kind: PowerKind, item: Item | undefined): unknown[] =>
      BEARS[kind].map((name) => (item?.[name] === 0 ? null : (item?.[name] ?? null)));

    it('inserts one of each kind, and has none of them', async () => {
      const items = new Map(Object.entries(NOWHERE) as [PowerKind, At][]);
      if (there.get('charter_in_force') !== undefined) items.delete('charter_in_force');
      if ((await state.get('SYSTEM', 'emergency')) !== undefined) items.delete('emergency');
      await tampered('inserted', items, (kind, [pk, sk]) =>
        state.merge(pk, sk, { version: 1, record: '1.0', ...FORGED[kind] }),
      );
      const [, approval] = NOWHERE.approval;
      expect((await call('mia', `POST /approvals/${approval}/approve`, {})).status).toBe(404);
      expect((await call('olive', 'POST /governance/validate', {})).body.code).not.toBe('EMERGENCY_STOP');
      for (const [kind, [pk, sk]] of items)
        await expect
          .poll(async () => bears(kind, await state.get(pk, sk)).every((each) => !each), PATIENCE)
          .toBe(true);
    }, 180_000);

    it('changes one of each kind, and it is as it was', async () => {
      const before = new Map<PowerKind, unknown[]>();
      for (const [kind, at] of there) before.set(kind, bears(kind, await state.get(...at)));
      const changeable = new Map([...there].filter(([kind]) => kind !== 'capability_use'));
      await tampered('changed', changeable, (kind, [pk, sk]) =>
        state.merge(
          pk,
          sk,
          kind === 'charter_bundle' ? { files: '{}' } : { [BEARS[kind][0] ?? '']: 'forged' },
        ),
      );
      for (const [kind, at] of changeable)
        await expect
          .poll(async () => bears(kind, await state.get(...at)), PATIENCE)
          .toEqual(before.get(kind));
    }, 180_000);

    it('takes one of each kind away, and it is there again', async () => {
      const before = new Map<PowerKind, unknown[]>();
      for (const [kind, at] of there) before.set(kind, bears(kind, await state.get(...at)));
      await tampered('removed', there, (_, at) => state.remove(...at));
      for (const [kind, at] of there)
        if (kind !== 'approval')
          await expect
            .poll(async () => bears(kind, await state.get(...at)), PATIENCE)
            .toEqual(before.get(kind));
    }, 180_000);

    it('lifts no stop', async () => {
      const at: At = ['SYSTEM', 'emergency'];
      expect((await call('rex', 'POST /emergency-stop', { reason: 'a drill of power' })).status).toBe(200);
      const stop = new Map<PowerKind, At>([['emergency', at]]);
      const holds = async () =>
        expect((await call('olive', 'POST /decisions', ASK)).body.reasons?.[0].code).toBe('emergency_stop');
      await tampered('changed', stop, () => state.merge(...at, { stopped: false }));
      await holds();
      await tampered('removed', stop, () => state.remove(...at));
      await holds();
      await call('rex', 'POST /emergency-release');
      expect((await call('roy', 'POST /emergency-release')).body).toMatchObject({ released: true });
    }, 180_000);

    it('leaves nothing that a comparison of everything finds', async () => {
      const { verdict, findings } = (await call('ada', 'POST /state/verify')).body;
      expect(findings.filter(({ item }: { item: string }) => item !== 'approval')).toEqual([]);
      expect(['OK', 'TAMPERED']).toContain(verdict);
    }, 120_000);
  });
}

const SEARCH = {
  action: 'gateway:tool:invoke',
  resource: { type: 'tool', id: 'search-mcp.search' },
  parameters: { q: 'weather' },
};
const ASK = { action: 'run', resource: { type: 'workflow', id: 'compliance-report' } };
