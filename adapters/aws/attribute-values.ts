/** Items as DynamoDB's AttributeValues and back. Only the types that `Value` has; anything else is refused. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item, Value } from '../../src/ports.ts';

export type Attributes = Record<string, AttributeValue>;

/** A member that is undefined is absent. */
export function toAttributes(map: { readonly [name: string]: Value | undefined }): Attributes {
  // The SDK builds plain objects, in which this name would set a prototype and the attribute would be lost.
  if (Object.hasOwn(map, '__proto__')) throw new TypeError('not storable: an attribute named __proto__');
  return Object.fromEntries(
    Object.entries(map).flatMap(([name, value]) => (value === undefined ? [] : [[name, toAttribute(value)]])),
  );
}

function toAttribute(value: Value): AttributeValue {
  if (value === null) return { NULL: true };
  if (value instanceof Uint8Array) return { B: value };
  if (Array.isArray(value)) return { L: value.map(toAttribute) };
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'boolean':
      return { BOOL: value };
    case 'object':
      return { M: toAttributes(value) };
    case 'number':
      if (Number.isFinite(value)) return { N: String(value) };
  }
  throw new TypeError(`not storable: ${String(value)}`);
}

export function toItem(attributes: Attributes): Item {
  const { pk, sk } = attributes;
  if (pk?.S === undefined || sk?.S === undefined) throw new TypeError('the item has no text keys');
  return { ...fromAttributes(attributes), pk: pk.S, sk: sk.S };
}

function fromAttributes(attributes: Attributes): { [name: string]: Value } {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, fromAttribute(value)]));
}

function fromAttribute(attribute: AttributeValue): Value {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.B !== undefined) return attribute.B;
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.NULL !== undefined) return null;
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute);
  if (attribute.M !== undefined) return fromAttributes(attribute.M);
  throw new TypeError(`an attribute of a type that Chancery never writes: ${Object.keys(attribute)}`);
}
