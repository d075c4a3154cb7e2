/** A C2SP witness over HTTP (tlog-witness): anybody's, a customer's or a public one. */
import { ChanceryError } from '../src/errors.ts';
import { addCheckpointBody, type Witness, type WitnessAnswer } from '../src/ledger/tree/witness.ts';

export interface HttpWitnessSettings {
  readonly name: string;
  /** Its base; `add-checkpoint` is below it. */
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly timeoutMs?: number;
}

export function httpWitness({ name, url, fetch, timeoutMs = 2_000 }: HttpWitnessSettings): Witness {
  const endpoint = `${url.replace(/\/$/, '')}/add-checkpoint`;
  return {
    name,
    async add(old, proof, checkpoint): Promise<WitnessAnswer> {
      const body = addCheckpointBody(old, proof, checkpoint);
      let response: Response;
      try {
        response = await fetch(endpoint, { method: 'POST', body, signal: AbortSignal.timeout(timeoutMs) });
      } catch (cause) {
        throw new ChanceryError('STORE_UNAVAILABLE', `The witness ${name} does not answer`, { cause });
      }
      const text = await response.text();
      switch (response.status) {
        case 200:
          return { ok: true, line: text };
        case 409:
          return { ok: false, reason: 'conflict', size: Number(text.trim()) };
        case 422:
          return { ok: false, reason: 'inconsistent', detail: text.trim() };
        case 403:
        case 404:
          return { ok: false, reason: 'forbidden', detail: text.trim() };
        default:
          throw new ChanceryError('STORE_UNAVAILABLE', `The witness ${name} answered ${response.status}`);
      }
    },
  };
}
