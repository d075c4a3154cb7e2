/**
 * Item attributes as JSON text. JSON has no bytes, so `{"$": "<base64>"}` stands for them, and a map's own
 * names that begin with `$` get one more `$`, so that no stored map can pass for bytes.
 */
import type { Value } from '../../src/ports.ts';

/** A member that is undefined is absent. */
type Map = { readonly [name: string]: Value | undefined };
type Text = string | number | boolean | null | Text[] | { [name: string]: Text };

export function toText(attributes: Map): string {
  return JSON.stringify(encodeMap(attributes));
}

export function fromText(text: string): { [name: string]: Value } {
  const parsed = JSON.parse(text);
  // Most items hold neither bytes nor escaped names: they are spared the walk.
  return text.includes('"$') ? decodeMap(parsed) : parsed;
}

function encode(value: Value): Text {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`not storable: ${value}`);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) {
    return { $: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  }
  return Array.isArray(value) ? value.map(encode) : encodeMap(value);
}

function encodeMap(map: Map): { [name: string]: Text } {
  if (Object.hasOwn(map, '__proto__')) throw new TypeError('not storable: an attribute named __proto__');
  const encoded: { [name: string]: Text } = {};
  for (const name of Object.keys(map)) {
    const value = map[name];
    if (value !== undefined) encoded[name.startsWith('$') ? `$${name}` : name] = encode(value);
  }
  return encoded;
}

function decode(value: Text): Value {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(decode);
  const bytes = value.$;
  return typeof bytes === 'string' ? new Uint8Array(Buffer.from(bytes, 'base64')) : decodeMap(value);
}

function decodeMap(map: { readonly [name: string]: Text }): { [name: string]: Value } {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [name.startsWith('$$') ? name.slice(1) : name, decode(value)]),
  );
}
