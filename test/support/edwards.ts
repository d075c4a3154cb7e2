/**
 * The curve of Ed25519 in plain integers, slow and obvious, for signatures that no honest signer makes: points with a part of small
 * order, numbers that are written in more than one way.
 */
import { hash } from 'node:crypto';

export const P = 2n ** 255n - 19n;
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;

const mod = (value: bigint, by = P): bigint => ((value % by) + by) % by;
function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, mod(base)];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}
const inverse = (value: bigint): bigint => power(value, P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT = power(2n, (P - 1n) / 4n);

export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

export function add(a: Point, b: Point): Point {
  const product = mod(D * a.x * b.x * a.y * b.y);
  return {
    x: mod((a.x * b.y + b.x * a.y) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  };
}

export const NEUTRAL: Point = { x: 0n, y: 1n };

export function times(scalar: bigint, point: Point): Point {
  let [result, doubled] = [NEUTRAL, point];
  for (let left = scalar; left > 0n; left >>= 1n) {
    if (left & 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

export const same = (a: Point, b: Point): boolean => a.x === b.x && a.y === b.y;

/** The point with this y and an x of this parity. */
function withY(y: bigint, odd: bigint): Point {
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * ROOT);
  return { x: (x & 1n) === odd ? x : mod(-x), y };
}

export const BASE = withY(mod(4n * inverse(5n)), 0n);

/** Of order 8: its multiples are all eight points of small order. */
const EIGHTH = withY(BigInt('0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826'), 0n);
export const torsion = (index: number): Point => times(BigInt(index), EIGHTH);

export const little = (value: bigint): Uint8Array =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse());
export const number = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

export const encode = ({ x, y }: Point): Uint8Array => little(y | ((x & 1n) << 255n));

const sha512 = (...parts: readonly Uint8Array[]): Uint8Array =>
  hash('sha512', Buffer.concat(parts), 'buffer');

/** H(R ‖ A ‖ M) as a number below L. */
export const challenge = (r: Uint8Array, a: Uint8Array, message: Uint8Array): bigint =>
  number(sha512(r, a, message)) % L;
