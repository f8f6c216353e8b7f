/**
 * A module loader hook: TypeScript sources become JavaScript before the instrumentation of jazzer.js sees them (it
 * leaves alone what is not JavaScript). Types become blanks, so lines and columns stay.
 */
import { type LoadHook, stripTypeScriptTypes } from 'node:module';

export const load: LoadHook = async (url, context, next) => {
  const loaded = await next(url, context);
  if (loaded.format !== 'module-typescript' || loaded.source === null || loaded.source === undefined)
    return loaded;
  const text =
    typeof loaded.source === 'string' ? loaded.source : Buffer.from(bytesOf(loaded.source)).toString('utf8');
  return { ...loaded, format: 'module', source: stripTypeScriptTypes(text) };
};

const bytesOf = (source: ArrayBuffer | NodeJS.TypedArray): Uint8Array =>
  source instanceof ArrayBuffer
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
