/**
 * Reading record data without trusting its shape: a field of another type reads as absent. Whoever wrote the
 * record was bound by payloads.ts, but a governed application writes records too, and a fold that throws
 * would stop every counter behind it.
 */
import type { Json, JsonObject } from '../../json.ts';

export const text = (data: JsonObject, name: string): string | undefined => {
  const value = data[name];
  return typeof value === 'string' ? value : undefined;
};

export const integer = (data: JsonObject, name: string): number | undefined => {
  const value = data[name];
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : undefined;
};

export const flag = (data: JsonObject, name: string): boolean => data[name] === true;

export const object = (data: JsonObject, name: string): JsonObject | undefined => asObject(data[name]);

export const objects = (data: JsonObject, name: string): JsonObject[] => {
  const value = data[name];
  return Array.isArray(value) ? value.map(asObject).filter((entry) => entry !== undefined) : [];
};

export const texts = (data: JsonObject, name: string): string[] => {
  const value = data[name];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
};

function asObject(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** The member of a closed list that the text names, or the fallback. */
export const oneOf = <const V extends readonly string[]>(
  values: V,
  value: string | undefined,
  fallback: V[number],
): V[number] => values.find((candidate) => candidate === value) ?? fallback;
