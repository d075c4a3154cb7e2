/**
 * What a record says besides its place, and its bytes. They are made as soon as it is said: what it is made of is in the processor's
 * caches then, and no more when the record's turn comes, which would take three times as long. The place, which only the lane knows, is
 * written in between.
 */
import { overCanonical } from '../../basics/canonical.ts';
import { withinLimit } from '../bytes.ts';
import type { LedgerRecord, Sealed } from '../record.ts';

/** The subject is a pseudonym, and personal fields are sealed already. */
export type Content = Pick<LedgerRecord, 'type' | 'trace' | 'data'> &
  Partial<Pick<LedgerRecord, 'after' | 'subject' | 'meta' | 'labels'>> & { readonly personal?: Sealed };

export type Place = Pick<LedgerRecord, 'v' | 'lane' | 'seq' | 'prev' | 'time'>;

export interface Prepared {
  readonly content: Content;
  /** Members of the content as they stand in the record, each group before a member of the place. */
  readonly before: Readonly<Record<'lane' | 'prev' | 'time' | 'v', Uint8Array>>;
}

/** Throws VALIDATION_ERROR for what has no canonical form. */
export function prepare(content: Content): Prepared {
  const { after, data, labels, meta, personal, subject, trace, type } = content;
  return {
    content,
    before: {
      lane: members({ after, data, labels }),
      prev: members({ meta, personal }),
      time: members({ subject }),
      v: members({ trace, type }),
    },
  };
}

/** The record's canonical bytes (RFC 8785, section 3.2.3: members by name). Throws RECORD_TOO_LARGE. */
export function bytesAt({ before }: Prepared, { v, lane, seq, prev, time }: Place): Uint8Array {
  const own = [
    [before.lane, `"lane":${lane},`],
    [before.prev, `"prev":"${prev}","seq":${seq},`],
    [before.time, `"time":"${time}",`],
    [before.v, `"v":${v}}`],
  ] as const;
  const bytes = new Uint8Array(own.reduce((size, [said, text]) => size + said.length + text.length, 1));
  bytes[0] = OPEN;
  let end = 1;
  for (const [said, text] of own) {
    bytes.set(said, end);
    end += said.length;
    for (let at = 0; at < text.length; at += 1) bytes[end++] = text.charCodeAt(at);
  }
  return withinLimit(bytes);
}

const [OPEN, COMMA] = [0x7b, 0x2c];

/** `"a":…,"b":…,` of an object; nothing of one without members. */
const members = (object: object): Uint8Array =>
  overCanonical(object, (bytes) => {
    if (bytes.length === 2) return NONE;
    const inner = bytes.slice(1);
    inner[inner.length - 1] = COMMA;
    return inner;
  });

const NONE = new Uint8Array(0);
