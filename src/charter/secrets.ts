/**
 * Parameters that must not reach a tool: found by the words of their names, at any depth, so that `db_password`,
 * `dbPassword`, `DB-PASSWORD` and `password2` are passwords; and by the name that stands beside a value, as lists of
 * settings have it (`{name: "DB_PASSWORD", value: "…"}`).
 */
import { skeleton } from '../basics/skeleton.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Charter } from './charter.ts';

/** JSON Pointers of the parameters that are stripped, and the parameters without them. */
export function filterParameters(
  charter: Charter,
  parameters: JsonObject,
): { readonly paths: readonly string[]; readonly parameters: JsonObject } {
  const { strip_parameters, keep_parameters } = charter.documents['redaction.yaml'];
  const secrets = strip_parameters.map(plain);
  const kept = new Set(keep_parameters.map(plain));
  const known = new Map<string, boolean>();
  const isSecret = (name: string): boolean => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const answer = !kept.has(plain(name)) && names(name, secrets);
    known.set(name, answer);
    return answer;
  };

  const paths: string[] = [];
  const walk = (value: Json, path: string): Json => {
    if (Array.isArray(value)) return value.map((element, index) => walk(element, `${path}/${index}`));
    return isObject(value) ? strip(value, path) : value;
  };
  const strip = (value: JsonObject, path: string): JsonObject => {
    const named = NAMES.some((one) => typeof value[one] === 'string' && isSecret(value[one]));
    const left: [string, Json][] = [];
    for (const [name, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (isSecret(name) || (named && name === 'value')) paths.push(at);
      else left.push([name, walk(inner, at)]);
    }
    return Object.fromEntries(left);
  };
  return { parameters: strip(parameters, '/parameters'), paths };
}

/** Members that name what stands under `value` beside them. */
const NAMES = ['name', 'key', 'field'] as const;
/** A longer name is judged by its beginning and its end. UTF-16 units. */
const MAX_NAME = 512;

/**
 * Whether a name ends with one of the secrets, or has its words one behind the other: `dbPassword2` and `password_of_db`
 * have `password`, `db-api-key-id` has `apikey`.
 */
function names(name: string, secrets: readonly string[]): boolean {
  const spaced = ends(name).replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2');
  const words = skeleton(spaced.replace(/[^\p{L}\p{M}]+/gu, ' ')).split(' ');
  const parts = new Set(words.flatMap((word, index) => [word, `${word}${words[index + 1] ?? ''}`]));
  const whole = words.join('');
  return secrets.some((secret) => secret !== '' && (parts.has(secret) || whole.endsWith(secret)));
}

/** Without what parts words. */
function plain(name: string): string {
  return skeleton(ends(name).replace(/[^\p{L}\p{M}]+/gu, ''));
}

function ends(name: string): string {
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME / 2)} ${name.slice(-MAX_NAME / 2)}`;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
