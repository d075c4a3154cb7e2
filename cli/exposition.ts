/** Reads what GET /metrics answers: the text format 0.0.4 that we write ourselves. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** The part after `#` of an OpenMetrics line, as it stands. */
  readonly exemplar?: string;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? (\S+)(?: # (.*))?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export function parseExposition(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const [, name, labels = '', value, exemplar] = line.match(LINE) ?? [];
    if (name === undefined || value === undefined) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, label = '', raw = '']): [string, string] => [
      label,
      unescaped(raw),
    ]);
    return [
      { name, labels: Object.fromEntries(pairs), value: numberOf(value), ...(exemplar ? { exemplar } : {}) },
    ];
  });
}

const unescaped = (raw: string): string =>
  raw.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
const numberOf = (text: string): number => (text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text));

/** Quantile of a histogram's series with these labels, as Prometheus interpolates; undefined without samples. */
export function quantile(samples: readonly Sample[], q: number): number | undefined {
  const byBound = new Map<number, number>();
  for (const { labels, value } of samples) {
    const bound = numberOf(labels.le ?? '+Inf');
    byBound.set(bound, (byBound.get(bound) ?? 0) + value);
  }
  const buckets = [...byBound].sort(([left], [right]) => left - right);
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  const rank = q * total;
  let [lower, below] = [0, 0];
  for (const [bound, count] of buckets) {
    if (count >= rank) {
      return bound === Number.POSITIVE_INFINITY
        ? lower
        : lower + ((bound - lower) * (rank - below)) / (count - below || 1);
    }
    [lower, below] = [bound, count];
  }
  return lower;
}
