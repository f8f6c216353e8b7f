import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

export interface Assets {
  readonly script: string;
  readonly style: string;
}

const sheets = ['base', 'frame', 'chart', 'support', 'drawer'];

let built: Assets | undefined;

/** The page's script, bundled from sandbox/client, and its style sheet; made once per process. */
export function pageAssets(): Assets {
  built ??= { script: bundle(), style: sheets.map(readSheet).join('\n') };
  return built;
}

function readSheet(name: string): string {
  return readFileSync(new URL(`./styles/${name}.css`, import.meta.url), 'utf8');
}

function bundle(): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('../client/main.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2023',
    minifySyntax: true,
    minifyWhitespace: true,
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}
