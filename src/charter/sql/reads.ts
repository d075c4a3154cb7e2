/**
 * Is a text of SQL proved to only read? Yes only for one SELECT, VALUES, SHOW, or EXPLAIN without ANALYZE, in a form
 * that is harmless to every database that could get it; whatever is not understood is not proved. Not a parser of
 * SQL: nonsense may pass (a database refuses it), what acts may not. One pass over the tokens, no recursion.
 *
 * What holds of a text that passes: its tokens are the same to all dialects; no word that writes or that could begin
 * a second statement stands bare in it; every call is of a function on the charter's list, unqualified and unquoted;
 * two operands never stand side by side, but for an alias.
 */
import { type Token, tokensOf } from './tokens.ts';
import {
  LINKS,
  LISTS,
  MILD_HINTS,
  MODIFIERS,
  NEVER,
  PRAGMA_TABLE,
  PREFIXES,
  SEQUENCE,
  TYPED,
  UNIONS,
  WITH_FOR,
} from './words.ts';

/** @param functions that may be called, in lower case */
export function provesRead(text: string, functions: ReadonlySet<string>): boolean {
  const tokens = statementOf(text);
  if (tokens === undefined) return false;
  const [first] = tokens;
  if (first?.kind !== 'word') return first === undefined || new Scan(tokens, functions).reads(0, 'query');
  if (first.text === 'show') return shows(tokens.slice(1));
  const begin = first.text === 'explain' ? afterExplain(tokens) : 0;
  return begin !== undefined && new Scan(tokens, functions).reads(begin, 'query');
}

/** Is it a value or a condition that calls nothing but functions on the list? Such a part may be put into a query. */
export function provesExpression(text: string, functions: ReadonlySet<string>): boolean {
  const tokens = tokensOf(text);
  return tokens !== undefined && new Scan(tokens, functions, false).reads(0, 'want');
}

/** The tokens of one statement; undefined for several. */
function statementOf(text: string): readonly Token[] | undefined {
  const tokens = tokensOf(text);
  return isMark(tokens?.at(-1), ';') ? tokens?.slice(0, -1) : tokens;
}

function shows(rest: readonly Token[]): boolean {
  const [first, second] = rest;
  // The one CREATE that is looked at; other databases could make something of `CREATE DATABASE x`.
  const skipped = isWord(first, 'create') && (isWord(second, 'table') || isWord(second, 'view')) ? 2 : 0;
  return (
    rest.length > skipped &&
    rest
      .slice(skipped)
      .every((token) =>
        token.kind === 'word'
          ? !NEVER.has(token.text)
          : token.kind === 'mark'
            ? token.text === '.' || token.text === '='
            : token.kind === 'string' || token.kind === 'quoted',
      )
  );
}

const EXPLAINED = new Set(['verbose', 'extended', 'query', 'plan', 'using', 'text', 'json', 'tabular']);

/** Where the statement begins that is explained; undefined when it would be carried out. */
function afterExplain(tokens: readonly Token[]): number | undefined {
  let at = 1;
  if (isMark(tokens[at], '(') && !isWord(tokens[at + 1], 'select')) {
    for (at += 1; !isMark(tokens[at], ')'); at++) {
      const token = tokens[at];
      if (token === undefined || (token.kind === 'mark' && token.text !== ',')) return undefined;
      if (token.kind === 'word' && (NEVER.has(token.text) || /^analy[sz]e$/.test(token.text)))
        return undefined;
    }
    return at + 1;
  }
  if (isWord(tokens[at], 'format') && isMark(tokens[at + 1], '=') && isName(tokens[at + 2])) at += 3;
  for (let token = tokens[at]; token?.kind === 'word' && EXPLAINED.has(token.text); token = tokens[at]) at++;
  return at;
}

/** What may come next. `open`: just behind a bracket, where a query, an operand or the end of the bracket may. */
type State = 'query' | 'open' | 'want' | 'have';

interface Bracket {
  /** The function that it belongs to. */
  readonly of?: string;
  /** What may come behind it; `cte`: another one, or the query. */
  readonly leaves: 'have' | 'want' | 'cte';
}

class Scan {
  readonly #tokens: readonly Token[];
  readonly #functions: ReadonlySet<string>;
  readonly #aliases: boolean;
  readonly #brackets: Bracket[] = [];
  #at = 0;
  #state: State = 'query';
  #aliased = false;

  /** @param aliases whether operands may be renamed at the outermost level: in a statement, not in an expression */
  constructor(tokens: readonly Token[], functions: ReadonlySet<string>, aliases = true) {
    this.#tokens = tokens;
    this.#functions = functions;
    this.#aliases = aliases;
  }

  reads(begin: number, state: State): boolean {
    this.#at = begin;
    this.#state = state;
    while (this.#at < this.#tokens.length) if (!this.#step()) return false;
    return this.#brackets.length === 0 && this.#state === 'have';
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#at];
  }

  get #next(): Token | undefined {
    return this.#tokens[this.#at + 1];
  }

  get #wants(): boolean {
    return this.#state === 'want' || this.#state === 'open';
  }

  #go(state: State, tokens = 1): true {
    this.#at += tokens;
    this.#state = state;
    if (state !== 'have') this.#aliased = false;
    return true;
  }

  #operand(tokens = 1): true {
    this.#aliased = false;
    return this.#go('have', tokens);
  }

  #open(bracket: Bracket, tokens = 1): true {
    this.#brackets.push(bracket);
    return this.#go('open', tokens);
  }

  #step(): boolean {
    const token = this.#token;
    switch (token?.kind) {
      case 'word':
        return this.#word(token.text);
      case 'mark':
        return this.#mark(token.text);
      case 'quoted':
        return this.#wants ? this.#name() : this.#state === 'have' && this.#alias();
      case 'bracket':
        if (this.#wants) return this.#name();
        return this.#state === 'have' && !isMark(this.#next, '(') && this.#go('have');
      case 'string':
        return this.#wants ? this.#operand() : this.#state === 'have' && this.#alias();
      case 'number':
        return this.#wants && this.#operand();
      case 'bind':
        // Behind an operand `:name` is a path into it.
        return this.#wants ? this.#operand() : token.text.startsWith(':') && this.#go('have');
      case 'variable': {
        // A stage or a table variable is no value, and SQL Server assigns where others compare.
        const before = this.#tokens[this.#at - 1];
        const assigns = isMark(this.#next, '=') && (isWord(before, 'select') || isMark(before, ','));
        return (
          !assigns && this.#wants && !isWord(before, 'from') && !isWord(before, 'join') && this.#operand()
        );
      }
      default:
        return false;
    }
  }

  #word(word: string): boolean {
    const isCall = isMark(this.#next, '(') && this.#functions.has(word) && this.#wants;
    if (NEVER.has(word) && !isCall) return false;
    if (this.#state === 'query' || this.#state === 'open') {
      if (word === 'select') return this.#select();
      if (word === 'values') return this.#go('want');
      if (word === 'with') return this.#cte(isWord(this.#next, 'recursive') ? 2 : 1);
    }
    if (word === 'select' || this.#state === 'query') return false;
    if (this.#state === 'have') return this.#behind(word);
    return isCall ? this.#open({ of: word, leaves: 'have' }, 2) : this.#before(word);
  }

  #select(): boolean {
    this.#go('want');
    if (isWord(this.#token, 'distinct') && isWord(this.#next, 'on')) {
      return isMark(this.#tokens[this.#at + 2], '(') && this.#open({ leaves: 'want' }, 3);
    }
    if (isWord(this.#token, 'distinct') || isWord(this.#token, 'all')) this.#go('want');
    if (!isWord(this.#token, 'top')) return true;
    if (isMark(this.#next, '(')) return this.#open({ leaves: 'want' }, 2);
    return (
      this.#next?.kind !== 'number' || this.#go('want', isWord(this.#tokens[this.#at + 2], 'percent') ? 3 : 2)
    );
  }

  /** `name [(columns)] AS [[NOT] MATERIALIZED] (`, from the given distance on. */
  #cte(distance: number): boolean {
    let at = this.#at + distance;
    if (!isName(this.#tokens[at])) return false;
    at += 1;
    if (isMark(this.#tokens[at], '(')) {
      const end = this.#listEnd(at);
      if (end === undefined) return false;
      at = end;
    }
    if (!isWord(this.#tokens[at], 'as')) return false;
    at += 1;
    if (isWord(this.#tokens[at], 'not')) at += 1;
    if (isWord(this.#tokens[at], 'materialized')) at += 1;
    if (!isMark(this.#tokens[at], '(')) return false;
    return this.#open({ leaves: 'cte' }, at + 1 - this.#at);
  }

  /** A word before an operand, or one that is it. */
  #before(word: string): boolean {
    if (PREFIXES.has(word)) {
      const all = word === 'all' && isWord(this.#tokens[this.#at - 1], 'by');
      return all ? this.#operand() : this.#go('want');
    }
    if ((word === 'partition' || word === 'order') && isWord(this.#next, 'by')) return this.#go('want', 2);
    if (word === 'grouping' && isWord(this.#next, 'sets')) return this.#go('want', 2);
    if (isMark(this.#next, '(')) return LISTS.has(word) && this.#go('want');
    if (word === 'values') return this.#go('want');
    const isLiteral = TYPED.has(word) && this.#next?.kind === 'string';
    if (word === 'interval' && (isLiteral || this.#next?.kind === 'number' || this.#next?.kind === 'bind')) {
      return this.#go('want');
    }
    return isLiteral ? this.#operand(2) : this.#name();
  }

  /** A word behind an operand. */
  #behind(word: string): boolean {
    if (UNIONS.has(word)) {
      const all = isWord(this.#next, 'all') || isWord(this.#next, 'distinct');
      return this.#go('query', all ? 2 : 1);
    }
    if (word === 'as') return this.#as();
    if (word === 'within') return isWord(this.#next, 'group') && this.#go('want', 2);
    if (word === 'with') return this.#with();
    if (word === 'fetch') return this.#fetch();
    if (word === 'for') return WITH_FOR.has(this.#brackets.at(-1)?.of ?? '') && this.#go('want');
    if (word === 'at' && isWord(this.#next, 'time') && isWord(this.#tokens[this.#at + 2], 'zone')) {
      return this.#go('want', 3);
    }
    if (word === 'without') return this.#timeZone();
    if (LINKS.has(word)) return this.#go('want');
    if (MODIFIERS.has(word)) return this.#go('have');
    if (word === 'lateral') return this.#go('want');
    return this.#alias();
  }

  /** One name behind an operand, perhaps with its columns. A second one would be a second statement. */
  #alias(): boolean {
    if (this.#aliased || (!this.#aliases && this.#brackets.length === 0)) return false;
    this.#aliased = true;
    const numbered = isMark(this.#next, '(') && this.#tokens[this.#at + 2]?.kind === 'number';
    return !numbered && this.#columns(this.#at + 1);
  }

  #as(): boolean {
    if (isMark(this.#next, '(')) return this.#open({ leaves: 'have' }, 2);
    if (!isName(this.#next) && this.#next?.kind !== 'string') return false;
    this.#aliased = true;
    return this.#columns(this.#at + 2);
  }

  #columns(at: number): boolean {
    const end = isMark(this.#tokens[at], '(') ? this.#listEnd(at) : at;
    return end !== undefined && this.#go('have', end - this.#at);
  }

  /** Behind a list of names and numbers that begins at a bracket; undefined when anything else is in it. */
  #listEnd(open: number): number | undefined {
    let at = open + 1;
    for (; !isMark(this.#tokens[at], ')'); at++) {
      const token = this.#tokens[at];
      if (!isName(token) && token?.kind !== 'number' && !isMark(token, ',')) return undefined;
    }
    return at + 1;
  }

  #with(): boolean {
    if (isMark(this.#next, '(')) {
      const end = this.#listEnd(this.#at + 1);
      if (end === undefined) return false;
      const hints = this.#tokens.slice(this.#at + 2, end - 1);
      const mild = hints.every(
        (hint) => isMark(hint, ',') || (hint.kind === 'word' && MILD_HINTS.has(hint.text)),
      );
      return mild && this.#go('have', end - this.#at);
    }
    if (isWord(this.#next, 'time')) return this.#timeZone();
    return ['ties', 'ordinality', 'rollup'].some((one) => isWord(this.#next, one)) && this.#go('have', 2);
  }

  /** The end of a type, `WITH TIME ZONE`. */
  #timeZone(): boolean {
    return isWord(this.#next, 'time') && isWord(this.#tokens[this.#at + 2], 'zone') && this.#go('have', 3);
  }

  /** `FETCH FIRST n ROWS ONLY`. */
  #fetch(): boolean {
    if (!isWord(this.#next, 'first') && !isWord(this.#next, 'next')) return false;
    const count = this.#tokens[this.#at + 2];
    const counted = count?.kind === 'number' || count?.kind === 'bind' ? 1 : 0;
    const rows = this.#tokens[this.#at + 2 + counted];
    return (isWord(rows, 'rows') || isWord(rows, 'row')) && this.#go('have', 3 + counted);
  }

  /** `a`, `a.b.c`, `a.*`. */
  #name(): boolean {
    let last = this.#token;
    // SQLite carries some of them out wherever their table stands.
    if (PRAGMA_TABLE.test(last?.text ?? '')) return false;
    let length = 1;
    for (; isMark(this.#tokens[this.#at + length], '.'); length += 2) {
      last = this.#tokens[this.#at + length + 1];
      if (!isName(last) && last?.kind !== 'bind' && !isMark(last, '*')) return false;
      if (PRAGMA_TABLE.test(last?.text ?? '')) return false;
      if (SEQUENCE.has((last?.text ?? '').replace(/\W/g, '').toLowerCase())) return false;
    }
    // Only a plain word can be on the list of functions.
    return !isMark(this.#tokens[this.#at + length], '(') && this.#operand(length);
  }

  #mark(mark: string): boolean {
    switch (mark) {
      case '(':
        return this.#state !== 'have' && this.#open({ leaves: 'have' });
      case ')':
        return this.#close();
      case ',':
        return this.#state === 'have' && this.#go('want');
      case '.':
        return (
          this.#state === 'have' &&
          isName(this.#next) &&
          !isMark(this.#tokens[this.#at + 2], '(') &&
          this.#go('have', 2)
        );
      case ';':
        return false;
      case '*':
        return this.#wants ? this.#operand() : this.#state === 'have' && this.#go('want');
      case '::':
        return this.#state === 'have' && isName(this.#next) && this.#columns(this.#at + 2);
      case '->':
      case '->>':
        // Snowflake chains statements by the second: what follows must be a path.
        return this.#state === 'have' && this.#next?.kind !== 'word' && this.#go('want');
      default:
        if (this.#state === 'have') return this.#go('want');
        return this.#wants && ['+', '-', '~', '!'].includes(mark) && this.#go('want');
    }
  }

  #close(): boolean {
    const bracket = this.#brackets.pop();
    if (bracket === undefined || (this.#state !== 'have' && this.#state !== 'open')) return false;
    this.#aliased = false;
    if (bracket.leaves !== 'cte') return this.#go(bracket.leaves);
    return isMark(this.#next, ',') ? this.#cte(2) : this.#go('query');
  }
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text;
}

function isName(token: Token | undefined): boolean {
  if (token?.kind === 'word') return !NEVER.has(token.text) && token.text !== 'select';
  return token?.kind === 'quoted' || token?.kind === 'bracket';
}
