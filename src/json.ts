/** JSON as it appears in requests, workflow inputs and record payloads. An undefined member is an absent one. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

export type JsonObject = { readonly [name: string]: Json | undefined };
