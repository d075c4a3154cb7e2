/** The words of SQL that matter when a statement has to be proved to only read. All in lower case. */

const setOf = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/**
 * Never bare in a statement that reads. SQL Server needs nothing between two statements (`SELECT 1 DROP TABLE t`), so
 * that its statements are among them even where other databases would take the word for an alias; so is `go`, which
 * ends a batch: behind it a procedure is called by its name alone.
 */
export const NEVER = setOf(`
  into outfile dumpfile insert update delete merge replace truncate create alter drop rename grant revoke deny lock
  procedure call exec execute do copy declare set use begin commit rollback save if while waitfor kill shutdown
  reconfigure revert checkpoint backup restore dbcc bulk dump load raiserror setuser readtext writetext updatetext
  deallocate trigger go`);

/** Words that begin a statement in some dialect. A text that begins with one is no plain value. */
export const BEGINNINGS = new Set([
  ...NEVER,
  ...setOf(`
  select with values show explain describe desc table from upsert put get list ls remove rm undrop unset reset start end
  savepoint release abort prepare discard listen notify unlisten cluster reindex vacuum analyze analyse attach detach
  pragma unlock handler install uninstall flush optimize repair purge change check checksum cache signal resignal
  security comment refresh import export unload fetch open close move receive send throw print return goto break
  continue add enable disable loop repeat case raise reassign stop binlog clone delimiter source system help`),
]);

/** Behind an operand these ask for another. */
export const LINKS = setOf(`
  from join apply on using where having qualify by window limit offset and or xor is in like ilike rlike regexp glob
  match similar between escape collate div mod overlaps when then else over filter separator`);

/** Behind an operand these say more of it, or lead to a link. */
export const MODIFIERS = setOf(`
  not asc desc nulls first last left right inner outer full cross natural asof anti semi order group rows range groups
  row preceding following precision varying unsigned signed ignore respect only ties percent isnull notnull end`);

/** Before an operand these say how to take it. */
export const PREFIXES = setOf(`
  not all distinct exists any some both leading trailing lateral case when where from by to`);

/** Take a list in brackets without being functions. */
export const LISTS = setOf('rollup cube row array sets values table');

export const UNIONS = setOf('union except intersect minus');

/** What SQL Server's hints may say without taking locks. */
export const MILD_HINTS = setOf('nolock readuncommitted readpast');

/** Types whose literals are written as the type before a string. */
export const TYPED = setOf('date time timestamp timestamptz datetime interval');

/** Functions of which `for` is a part. */
export const WITH_FOR = setOf('substring overlay');

/** Columns of a sequence: reading one moves it on. */
export const SEQUENCE = setOf('nextval currval');

/** SQLite's pragmas as tables, which carry out what they are named for: `pragma_optimize`, quoted or not. */
export const PRAGMA_TABLE = /^\W?pragma_/i;
