/** What records say of tools that working state must agree with: what was reviewed last, and what is left of missions. */
import { keptUntil, missionsOf } from '../../tools/mission.ts';
import { REVIEWS } from '../../tools/reviews.ts';
import type { Hear } from './powers.ts';

export const HEARD_OF_TOOLS: Readonly<Record<string, Hear>> = {
  // An older review, put back, would let a definition pass that was replaced since.
  'tool.reviewed'(powers, { data }, id) {
    if (typeof data.tool !== 'string') return;
    const { tool, definition_digest } = data;
    const rest = { definition_digest: String(definition_digest) };
    powers.set({ kind: 'tool_review', pk: REVIEWS, sk: tool, must: { record: id }, rest, record: id });
  },

  'mission.registered'(powers, { data, subject }, id) {
    const { mission_id, expires_at } = data;
    const until = keptUntil(Date.parse(String(expires_at)));
    if (typeof mission_id !== 'string' || subject === undefined || Number.isNaN(until)) return;
    powers.set({
      kind: 'mission',
      pk: missionsOf(subject),
      sk: mission_id,
      must: { record: id },
      rest: { expires: Math.ceil(until / 1_000) },
      record: id,
      until,
    });
  },

  'mission.ended'(powers, { data, subject }, id) {
    const power = powers.get(missionsOf(subject ?? ''), String(data.mission_id));
    if (power !== undefined) powers.set({ ...power, must: { ...power.must, ended: id }, record: id });
  },

  'decision.made'(powers, { data, subject }, id) {
    if (data.outcome !== 'allow') return;
    const power = powers.get(missionsOf(subject ?? ''), String(data.mission_id));
    if (power === undefined) return;
    const calls = Number(power.must.calls ?? 0) + 1;
    powers.set({ ...power, must: { ...power.must, calls }, record: id });
  },
};
