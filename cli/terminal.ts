/** What a stream can show: whether colours, and how wide it is. The one file of the command line that reads a terminal's variables. */
import { styleText } from 'node:util';

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>;

/**
 * Whether colours are sent to a stream: on a terminal, unless NO_COLOR (no-color.org) or TERM=dumb says no; FORCE_COLOR
 * (force-color.org) decides both ways, as it does for Node itself. An empty variable is none.
 */
export function takesColour(stream: Stream, { FORCE_COLOR, NO_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && !NO_COLOR && TERM !== 'dumb';
}

/** Columns of a terminal; undefined for a file or a pipe, where nothing is cut. */
export function widthOf(stream: Stream): number | undefined {
  return stream.isTTY === true && stream.columns > 0 ? stream.columns : undefined;
}

export type Tone = 'good' | 'middling' | 'bad' | 'head' | 'faint';

const STYLES = { good: 'green', middling: 'yellow', bad: 'red', head: 'bold', faint: 'dim' } as const;

/** @param text with nothing of others in it that acts on a terminal */
export const painted = (tone: Tone, text: string): string =>
  styleText(STYLES[tone], text, { validateStream: false });

const GOOD =
  'ok healthy allow approved executed reviewed active met success succeeded kept lifted restored resolved delivered passed settled done erased ended';
const MIDDLING =
  'degraded pending waiting warn warning requested investigating appealed planned deferred provisional acknowledged shadowed withheld answered too_few_samples medium suspension late running starting open received';
const BAD =
  'unhealthy fail failed failure critical deny denied rejected refused firing broken unreviewed confirmed ban criminal expired tampered overdue high error quarantine';
const TONES: ReadonlyMap<string, Tone> = new Map([
  ...GOOD.split(' ').map((word): [string, Tone] => [word, 'good']),
  ...MIDDLING.split(' ').map((word): [string, Tone] => [word, 'middling']),
  ...BAD.split(' ').map((word): [string, Tone] => [word, 'bad']),
]);

/** How a word of state is meant; undefined for one that says neither. The word itself stays: colour never says it alone. */
export const toneOf = (word: string): Tone | undefined =>
  TONES.get(word.toLowerCase().split(/[ ,]/)[0] ?? '');
