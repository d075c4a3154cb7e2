/** Pages that may speak to an address where no answer is read, so that CORS does not keep them from it. */

/** A page of this machine comes from whatever port it is served on. */
export function admitsOrigin(origins: ReadonlySet<string>, origin: string): boolean {
  const [, local = origin] = /^(https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])):\d{1,5}$/.exec(origin) ?? [];
  return origins.has(origin) || origins.has(local);
}
