/**
 * Label values come from callers: a node may call itself `<!channel>` or hide a line behind a bidirectional
 * override. Nothing of that reaches a reader's screen as anything but plain, short text.
 */

// Controls, zero-width and bidirectional formatting characters, lone surrogates.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu;

export function plain(text: string, limit: number): string {
  const shown = text.replace(UNSEEN, ' ').trim();
  // No more of them than are asked for: a letter has one UTF-16 unit or two.
  const letters = [...shown.slice(0, 2 * limit + 2)];
  return letters.length <= limit ? shown : `${letters.slice(0, limit - 1).join('')}…`;
}

/** Slack reads `&`, `<` and `>`: links, mentions and broadcasts all begin with `<` (docs.slack.dev, "Formatting message text"). */
const escapeSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `*`, `_`, `~` and backticks would format what follows: look-alikes do not. */
const LOOKS: Readonly<Record<string, string>> = { '*': '∗', _: '＿', '~': '∼', '`': 'ˋ' };

/** For running text in mrkdwn. */
export const forSlack = (text: string, limit: number): string =>
  escapeSlack(plain(text, limit)).replace(/[*_~`]/g, (mark) => LOOKS[mark] ?? '');

/** For a code span: only the backtick ends it. */
export const forSlackCode = (text: string, limit: number): string =>
  `\`${escapeSlack(plain(text, limit)).replaceAll('`', 'ˋ') || ' '}\``;

/** Slack refuses a whole message for one link of more than 3,000 (docs.slack.dev, block elements). */
const LONGEST_LINK = 3000;

/** A link's address as it is sent, if it is one and not too long; else nothing. */
export function safeUrl(text: string | undefined): string | undefined {
  if (text === undefined || text.length > LONGEST_LINK || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  const address = url.href.replace(/[<>|"'`\s]/g, encodeURIComponent);
  return address.length > LONGEST_LINK ? undefined : address;
}
