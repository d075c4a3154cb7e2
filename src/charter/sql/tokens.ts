/**
 * SQL in tokens, as far as every database cuts a text into the same ones. Where PostgreSQL, MySQL, SQLite, SQL Server
 * and Snowflake differ about where a literal or a comment ends, the same text is data to one and code to another:
 * such a text has no tokens here. What differs: `\'` and dollar quotes, `#`, `//`, `--x`, nested, executable and hint
 * comments, a carriage return in a comment, `]]`, prefixed strings.
 */
export interface Token {
  /**
   * `quoted` is an identifier, or a string to MySQL; `bracket` an identifier to SQL Server and SQLite, a subscript to
   * others; `bind` a parameter or, behind an operand, a path; `variable` begins with `@`.
   */
  readonly kind: (typeof KINDS)[number];
  /** As it stands there; words in lower case. */
  readonly text: string;
}

/** Longer statements are not proved to be anything. UTF-16 units. */
export const LONGEST_STATEMENT = 131_072;

const STRING = String.raw`'(?!'')(?:[^'\\]|''|\\[^'])*'(?!')`;
const WORD = String.raw`[A-Za-z_]\w*`;
/** What may not follow a word or a number directly: it would be a prefix, or another word to somebody. */
const APART = String.raw`(?![\w'"\x60$@#\\\u0080-\uffff])`;

/** In the order in which they are tried. Each begins with other characters or forbids them: none is tried in vain. */
const FORMS = {
  blank: String.raw`[ \t\r\n]+|--(?=[ \t\r\n]|$)[^\n\r\v\f\u0085\u2028\u2029]*(?=\r?\n|$)|/\*(?![!+]|[mM]!)(?:[^*/]|\*(?!/)|/(?!\*))*\*/`,
  string: `(?:[nNxXbBeE]|[dD][aA][tT][eE])?${STRING}`,
  quoted: String.raw`"(?!"")(?:[^"\\]|""|\\[^"])*"(?!")|\x60[\w .-]+\x60`,
  bracket: String.raw`\[(?:[\w ,.:-]|'[\w ,.:-]*')*\](?!\])`,
  word: WORD + APART,
  number: String.raw`(?:0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)${APART}`,
  bind: String.raw`(?:\$\d+(?!\$)|\?(?![?|&])|:${WORD})${APART}`,
  variable: `@@?${WORD}${APART}`,
  mark: String.raw`::|->>|->|=>|<=>|<=|>=|<>|!=|==|\|\||!~\*|!~|~\*|@>|<@|&&|<<|>>|[=<>+%|&^~!(),;.]|-(?!-)|\*(?!/)|/(?![*/])`,
} as const;
const KINDS = ['string', 'quoted', 'bracket', 'word', 'number', 'bind', 'variable', 'mark'] as const;
const TOKEN = new RegExp(`(?:${FORMS.blank})|${KINDS.map((kind) => `(${FORMS[kind]})`).join('|')}`, 'y');

/** Undefined for a text that databases cut differently. Linear: no part of the text is read twice. */
export function tokensOf(text: string): readonly Token[] | undefined {
  if (text.length > LONGEST_STATEMENT) return undefined;
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (found === null) return undefined;
    const token = tokenOf(found);
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

/** Undefined for a blank or a comment. */
function tokenOf(found: readonly (string | undefined)[]): Token | undefined {
  for (const [index, kind] of KINDS.entries()) {
    const text = found[index + 1];
    if (text !== undefined) return { kind, text: kind === 'word' ? text.toLowerCase() : text };
  }
  return undefined;
}
