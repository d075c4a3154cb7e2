/** Errors of the office in the words of the protocol. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { ChanceryError } from '../../src/errors.ts';

/** What could not be decided is an error of the protocol, with our code in its data. */
export async function spoken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    const code = error.status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
    throw new ProtocolError(code, error.message, {
      code: error.code,
      reasons: error.reasons.map((reason) => ({ ...reason })),
    });
  }
}
