/**
 * What a caller holds while people decide: sealed (AES-256-GCM, NIST SP 800-38D), so that it says nothing and cannot be changed, and bound
 * to one principal, one tool, its arguments and one approval. MCP 2026-07-28, basic/patterns/mrtr: it comes back as attacker's input.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import * as z from 'zod';
import { digestJson } from '../basics/digest.ts';
import type { JsonObject } from '../json.ts';
import type { Clock, Random } from '../ports.ts';

export interface StateBinding {
  /** Pseudonym of the principal. */
  readonly who: string;
  readonly tool: string;
  readonly arguments: JsonObject;
}

export interface RequestStates {
  seal(approval_id: string, binding: StateBinding): string;
  /** The approval's id; undefined for what was not sealed here, for this call, in time. */
  open(state: string, binding: StateBinding): string | undefined;
}

/** As long as the most patient approval, and a day. */
const LIVES_MS = 4 * 86_400_000;
const NONCE = 12;
const TAG = 16;
const MOST = 2_048;

const content = z.object({ approval_id: z.string(), until: z.number() });

/** @param secret 32 bytes that every process of this office knows, and nobody else */
export function createRequestStates(
  secret: Uint8Array,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): RequestStates {
  const key = createHmac('sha256', secret).update('chancery request states, 1').digest();
  const bound = ({ who, tool, arguments: given }: StateBinding): Buffer =>
    Buffer.from(digestJson({ who, tool, arguments: given }), 'ascii');

  return {
    seal(approval_id, binding) {
      const nonce = random(NONCE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound(binding));
      const text = JSON.stringify({ approval_id, until: clock() + LIVES_MS });
      const box = [cipher.update(text, 'utf8'), cipher.final()];
      return Buffer.concat([nonce, ...box, cipher.getAuthTag()]).toString('base64url');
    },

    open(state, binding) {
      const bytes = state.length > MOST ? Buffer.alloc(0) : Buffer.from(state, 'base64url');
      if (bytes.length <= NONCE + TAG) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG })
        .setAAD(bound(binding))
        .setAuthTag(bytes.subarray(-TAG));
      try {
        const text = Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]);
        const parsed = content.safeParse(JSON.parse(text.toString('utf8')));
        return parsed.success && clock() < parsed.data.until ? parsed.data.approval_id : undefined;
      } catch {
        // Not sealed under this key for this call: what it is instead does not matter.
        return undefined;
      }
    },
  };
}
