/**
 * Does a text of SQL change or destroy anything? Errs towards yes: a statement is harmless only if it is
 * harmless under every way of reading it that some database uses.
 */

/**
 * @param destructive keywords in lower case that make a statement destructive wherever they stand outside of a
 *   literal, so that `select 1; drop table t` and `with x as (delete …)` are found
 */
export function isDestructiveSql(text: string, destructive: ReadonlySet<string>): boolean {
  // Compatibility forms first: a full-width DROP is DROP to more than one database.
  const plain = text.normalize('NFKC');
  return LEXERS.some((blank) => {
    const bare = blank(plain);
    return bare === undefined || words(bare).some((word) => destructive.has(word));
  });
}

/** Whether a text looks like SQL at all: its first word begins a statement. */
export function looksLikeSql(text: string): boolean {
  const first = words(standard(text.normalize('NFKC')) ?? text)[0];
  return first !== undefined && STATEMENTS.has(first);
}

const STATEMENTS = new Set(
  'select with insert update delete merge replace drop truncate alter create grant revoke call exec execute do copy begin explain rename vacuum attach detach pragma set use show describe'.split(
    ' ',
  ),
);

function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? [];
}

/** Blanks out literals and comments; undefined when one never ends, since then nobody knows where code begins. */
type Lexer = (text: string) => string | undefined;

/** SQL-92: quotes are doubled. A comment that begins with `!` is code in MySQL, so it is left in. */
const standard: Lexer = (text) =>
  strip(text, /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*(?!!)[\s\S]*?\*\//g);

/** MySQL and E'' strings: a backslash escapes. `#` begins a comment. */
const backslash: Lexer = (text) =>
  strip(
    text,
    /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`[^`]*`|--[^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?\*\//g,
  );

/** Comments nest in PostgreSQL and do not elsewhere: reading none of them as comment covers both. */
const noComments: Lexer = (text) => strip(text, /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`/g);

const LEXERS: readonly Lexer[] = [standard, backslash, noComments];

function strip(text: string, literals: RegExp): string | undefined {
  const bare = text.replace(literals, ' ');
  return /['"`]/.test(bare) ? undefined : bare;
}
