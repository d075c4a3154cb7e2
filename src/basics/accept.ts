/** What a client would rather have: the preferences of `Accept` and `Accept-Encoding` (RFC 9110 §12.4.2, §12.5). */

interface Preference {
  /** `application/json`, `text/*`, `gzip`, `*`: in lower case. */
  readonly range: string;
  /** 0 (not at all) to 1. */
  readonly q: number;
}

/** Parameters other than `q` say which variant is meant; we have one of each. */
function preferencesOf(header: string): Preference[] {
  return header.split(',').flatMap((part) => {
    const [range = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    if (range === '') return [];
    const said = parameters.find((each) => each.startsWith('q='));
    const q = said === undefined ? 1 : Number(said.slice(2));
    return [{ range, q: q >= 0 && q <= 1 ? q : 0 }];
  });
}

/** The best of the ranges that are equally close; undefined where none names it. */
function highest(preferences: readonly Preference[], range: string): number | undefined {
  const named = preferences.filter((each) => each.range === range).map(({ q }) => q);
  return named.length === 0 ? undefined : Math.max(...named);
}

/** How much a media type is wanted, 0 to 1; the closest range decides. Everything is welcome where nothing is said. */
export function mediaQuality(accept: string | undefined, type: string): number {
  if (accept === undefined || accept.trim() === '') return 1;
  const preferences = preferencesOf(accept);
  const [family = ''] = type.split('/');
  return (
    highest(preferences, type) ?? highest(preferences, `${family}/*`) ?? highest(preferences, '*/*') ?? 0
  );
}

/** True where a client takes gzip, and likes nothing better than it. */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  const preferences = preferencesOf(acceptEncoding ?? '');
  const gzip =
    highest(preferences, 'gzip') ?? highest(preferences, 'x-gzip') ?? highest(preferences, '*') ?? 0;
  return gzip > 0 && gzip >= (highest(preferences, 'identity') ?? 0);
}
