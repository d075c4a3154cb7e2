/**
 * An alert's drill: input that must make it fire, input just short of that, and its end. From it come the
 * cases for `promtool test rules`.
 */

/**
 * One series through the four phases of a drill. Levels are per second (`rate`), as they are (`value`), or
 * seconds into the past (`age`, for gauges that hold a time). `null` is: no samples.
 */
export interface Feed {
  readonly series: string;
  readonly as: 'rate' | 'value' | 'age';
  readonly calm: number | null;
  readonly over: number | null;
  /** Takes the place of `over` in the case that must stay quiet. */
  readonly under: number | null;
  readonly rest: number | null;
}

type Levels = { over: number | null; under: number | null; calm?: number | null; rest?: number | null };

const feed = (as: Feed['as'], series: string, levels: Levels): Feed => {
  const calm = levels.calm === undefined ? 0 : levels.calm;
  return { series, as, calm, rest: calm, ...levels };
};

/** A counter that grows by so much a second. */
export const flows = (series: string, levels: Levels): Feed => feed('rate', series, levels);
/** A gauge at so much. */
export const stands = (series: string, levels: Levels): Feed => feed('value', series, levels);
/** A timestamp gauge that is so many seconds old. */
export const aged = (series: string, levels: Levels): Feed => feed('age', series, levels);
/** A counter that counts one event, and stays there: 5 → 6. */
export const steps = (series: string): Feed => feed('value', series, { calm: 5, over: 6, under: 5, rest: 6 });
/** A counter whose label set is seen for the first time, with its first event. */
export const appears = (series: string): Feed =>
  feed('value', series, { calm: null, over: 1, under: null, rest: 1 });

/**
 * A histogram of ten observations a second of which the share `q` ± 0.5 % is below `limit`, the rest between it
 * and twice that: so its quantile `q` lies just over the limit, or just under.
 */
export function spread(bucket: (le: string) => string, q: number, limit: number): Feed[] {
  const all = { over: 10, under: 10 };
  return [
    flows(bucket(String(limit)), { over: 10 * (q - 0.005), under: 10 * (q + 0.005) }),
    flows(bucket(String(limit * 2)), all),
    flows(bucket('+Inf'), all),
  ];
}
