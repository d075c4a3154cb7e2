/**
 * Names that callers choose for things: of tools, servers, nodes, sources, resources. Some are people's, and a record
 * is for ever, so one stands in it openly only if it has the form of a machine's name; any other stands by a keyed
 * digest, the same for the same name, and as it was written in the sealed part.
 */
import type { Pseudonym } from './pseudonym.ts';

/** Shows a name of another form by its digest. */
export type Veil = (name: string) => string;

/** No blank, no `@`, no letter of another script: `node-7`, `eu-west-1/api.internal:8080`. */
const MACHINE = /^[A-Za-z0-9_$][A-Za-z0-9._:/$-]{0,95}$/;

export const isMachineName = (name: string): boolean => MACHINE.test(name);

/** In the place of an issuer: what is digested is no person's `sub`. */
const NAMES = 'urn:chancery:names';

export const veilBy =
  (pseudonym: Pseudonym): Veil =>
  (name) =>
    `name-${pseudonym({ issuer: NAMES, sub: name }).slice(0, 32)}`;

/** As records show the name of a node or a source. */
export const openName = (name: string, veil: Veil): string => (isMachineName(name) ? name : veil(name));
