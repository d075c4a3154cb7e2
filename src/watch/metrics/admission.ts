/**
 * Which label values may stand for themselves. Decided once, when a record is appended, and written into the
 * record; from then on nobody decides again. A value that comes after its budget is spent is `other`.
 *
 * The admitted set of a dictionary is shared by all writers: one item, extended by a conditional write when a
 * new value is first seen. That happens at most `max` times in the life of a system; a flood of values after
 * that is answered from memory, without a read or a write.
 */
import type { NewRecord } from '../../ledger/record.ts';
import type { Table } from '../../ports.ts';
import { DICTIONARIES, type RawLabel, rawLabels, SEPARATOR, STANDARD_TYPES } from './raw-labels.ts';

const PARTITION = 'LABELS';
/** Other processes extend it too: each that was refused reads again, and one of them always gets on. */
const MAX_TRIES = 64;
/** Printable, short and without the separator; anything else is `other` whoever sends it. */
const FIT = /^[\p{L}\p{N}\p{P}\p{S}]{1,96}$/u;

type Labels = Readonly<Record<string, string>>;

export interface Admission {
  /**
   * The label values with which the record is to be appended. A promise only when a value is new to this
   * process and there is room for it. If the store cannot be asked, the value is `other` in this record.
   */
  labels(record: NewRecord): Labels | Promise<Labels>;
}

interface Dictionary {
  version: number;
  readonly values: Set<string>;
}

/** `onFailure` hears of a store that could not be asked: the record is appended all the same. */
export function createAdmission(
  table: Table,
  onFailure: (error: unknown) => void = () => undefined,
): Admission {
  const dictionaries = new Map<string, Dictionary>();
  /** Values that wait for a place, and the end of the queue of each dictionary. */
  const asked = new Map<string, Set<string>>();
  const queues = new Map<string, Promise<void>>();

  /** `undefined`: not known here, and there may be room. */
  function known({ dictionary, value }: RawLabel): string | undefined {
    if (value === 'none' || value === 'other') return value;
    if (!FIT.test(value)) return 'other';
    const held = dictionaries.get(dictionary);
    if (held?.values.has(value)) return value;
    return held !== undefined && held.values.size >= limitOf(dictionary) ? 'other' : undefined;
  }

  async function admit(raw: RawLabel): Promise<string> {
    const { dictionary, value } = raw;
    const together = asked.get(dictionary) ?? new Set<string>();
    asked.set(dictionary, together.add(value));
    try {
      // One after the other in this process; whoever comes meanwhile is written with the next.
      const mine = (queues.get(dictionary) ?? Promise.resolve())
        .catch(() => {})
        .then(() => extend(dictionary));
      queues.set(dictionary, mine);
      await mine;
    } catch (error) {
      onFailure(error);
    }
    return known(raw) ?? 'other';
  }

  /** Gives places to all that were asked for, while there are any: sixty new sources at once are one write. */
  async function extend(dictionary: string): Promise<void> {
    const wanted = asked.get(dictionary) ?? new Set<string>();
    asked.delete(dictionary);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const { version, values: admitted } = await refresh(dictionary);
      const fresh = [...wanted].filter((value) => !admitted.has(value));
      const values = [...admitted, ...fresh.slice(0, Math.max(0, limitOf(dictionary) - admitted.size))];
      if (values.length === admitted.size) return;
      const item = { pk: PARTITION, sk: dictionary, version: version + 1, values };
      const { stored } = await table.put(item, version === 0 ? 'absent' : { version });
      if (!stored) continue;
      dictionaries.set(dictionary, { version: version + 1, values: new Set(values) });
      return;
    }
  }

  async function refresh(name: string): Promise<Dictionary> {
    const item = await table.get(PARTITION, name);
    const values = Array.isArray(item?.values)
      ? item.values.filter((value) => typeof value === 'string')
      : [];
    const dictionary = {
      version: typeof item?.version === 'number' ? item.version : 0,
      values: new Set(values),
    };
    dictionaries.set(name, dictionary);
    return dictionary;
  }

  return {
    labels(record) {
      const raw = rawLabels(record);
      const answers = raw.map(known);
      if (answers.every((answer) => answer !== undefined)) return assemble(record, raw, answers);
      return Promise.all(answers.map((answer, index) => answer ?? admit(at(raw, index)))).then((admitted) =>
        assemble(record, raw, admitted),
      );
    },
  };
}

/** The standard event types have their places already. */
const limitOf = (dictionary: string): number =>
  (DICTIONARIES.get(dictionary) ?? 0) - (dictionary === 'event_type' ? STANDARD_TYPES.size : 0);

/** Several values of one name become one label, in order. */
function assemble(record: NewRecord, raw: readonly RawLabel[], admitted: readonly string[]): Labels {
  const labels: Record<string, string> = { ...record.labels };
  const seen = new Set<string>();
  raw.forEach(({ name }, index) => {
    const value = admitted[index] ?? 'other';
    labels[name] = seen.has(name) ? `${labels[name]}${SEPARATOR}${value}` : value;
    seen.add(name);
  });
  return labels;
}

function at(raw: readonly RawLabel[], index: number): RawLabel {
  const found = raw[index];
  if (found === undefined) throw new RangeError('answers are parallel to labels');
  return found;
}
