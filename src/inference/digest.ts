/** The seal of a model package: one SHA-256 over the graph's bytes and everything its manifest says. */
import { createHash } from 'node:crypto';
import type { Digest } from './model.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** JSON Canonicalization Scheme (RFC 8785): keys in UTF-16 order, no white space, ECMAScript numbers. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

/** `sha256:` and the hex digest of some bytes. */
export const sha256 = (bytes: Uint8Array | string): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;

/**
 * The digest a sealed package must carry: SHA-256 of the number of model bytes and a line feed, the model bytes, and
 * the canonical manifest without its `digest` field. The length keeps the two parts apart.
 */
export const sealOf = (model: Uint8Array, manifest: { readonly [key: string]: Json }): Digest =>
  sealsUnder(manifest)(model);

/** The digest of any graph under one manifest. */
export function sealsUnder(manifest: { readonly [key: string]: Json }): (model: Uint8Array) => Digest {
  const { digest: _, ...rest } = manifest;
  const said = canonicalJson(rest);
  return (model) => {
    const hash = createHash('sha256').update(`${model.byteLength}\n`).update(model);
    return `sha256:${hash.update(said).digest('hex')}` as Digest;
  };
}
