import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson, type Json, sealOf } from '../../src/inference/digest.ts';
import { graph, manifest, manifestJson } from './prevent.ts';

const model = new TextEncoder().encode('a graph');
const sealed = (json: Record<string, unknown>, bytes: Uint8Array = graph()): string =>
  sealOf(bytes, json as Record<string, Json>);

describe('seal', () => {
  it('writes canonical JSON as RFC 8785 says', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27],
      b: '€$\n',
      a: { z: null, y: true },
    };
    assert.equal(
      canonicalJson(value),
      '{"a":{"y":true,"z":null},"b":"€$\\n","numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (json) => {
        const reversed = Object.fromEntries(Object.entries(json).reverse());
        assert.equal(sealed(json, model), sealed(reversed, model));
      }),
    );
  });

  it('is the digest the shipped manifest carries, which it does not cover itself', () => {
    assert.equal(sealed(manifestJson()), manifest.digest);
    assert.equal(sealed({ ...manifestJson(), digest: 'other' }), manifest.digest);
  });

  it('changes with every value of the manifest', () => {
    const before = sealed(manifestJson());
    for (const path of leaves(manifestJson())) {
      if (path.join() === 'digest') continue;
      const json = manifestJson();
      bend(json, path);
      assert.notEqual(sealed(json), before, path.join('.'));
    }
  });

  it('keeps graph and manifest apart', () => {
    const extended = new TextEncoder().encode('a graph{');
    assert.notEqual(sealed({}, model), sealed({}, extended));
  });
});

function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (value === null || typeof value !== 'object') return [path];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]));
}

function bend(json: Record<string, unknown>, path: readonly string[]): void {
  let at = json;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = 'bent';
}
