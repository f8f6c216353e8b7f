import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { build, stop } from 'esbuild';
import type { Asset } from '../src/smart/shell.ts';
import type { Links } from './components/page.ts';

export interface Bundle {
  /** By file name; the name carries a hash, so that it may be cached for good. */
  readonly assets: ReadonlyMap<string, Asset>;
  readonly links: Links;
}

const types: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Bundles the islands and the style sheet into memory. Budget: 30 KB of script and 8 KB of style, gzipped. */
export async function bundleApp(): Promise<Bundle> {
  const [script, style] = await Promise.all([bundle('islands/main.ts', 'js'), bundle('style.css', 'css')]);
  // esbuild's own process would stay for the life of the service.
  await stop();
  return {
    assets: new Map([script, style]),
    links: { script: `/app/assets/${script[0]}`, style: `/app/assets/${style[0]}` },
  };
}

async function bundle(
  entry: string,
  extension: 'js' | 'css',
): Promise<readonly [name: string, asset: Asset]> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const body = outputFiles[0]?.contents ?? new Uint8Array();
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return [`app-${hash}.${extension}`, { type: types[extension] ?? '', body }];
}
