/**
 * `node fuzz/run.ts [--seconds 60] [--runs N] [--seed 1] [target...]`: fuzzes each target (default: all) in a process
 * of its own, and says what came of it. The corpus grows in `.auscult/fuzz/<target>`, findings lie beside it. Exit
 * code 1: something was found.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isTargetName, loadTarget, type TargetName, targetNames } from './target.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    runs: { type: 'string', default: '-1' },
    seed: { type: 'string', default: '1' },
  },
});
const unknown = positionals.filter((name) => !isTargetName(name));
if (unknown.length > 0) throw new Error(`no target ${unknown.join()}; there are ${targetNames.join(', ')}`);
const chosen = positionals.length > 0 ? positionals.filter(isTargetName) : targetNames;

const mostTold = 200_000;
let found = 0;
for (const name of chosen) found += (await fuzzOne(name)) === 0 ? 0 : 1;
process.exit(found === 0 ? 0 : 1);

async function fuzzOne(name: TargetName): Promise<number> {
  const folder = await prepared(name);
  const script = fileURLToPath(new URL('./child.ts', import.meta.url));
  const { seconds, runs, seed } = values;
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, name, seconds, runs, seed, folder],
    { stdio: ['ignore', 'inherit', 'pipe'], cwd: root },
  );
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told = `${told}${text}`.slice(-mostTold);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const took = Math.round((performance.now() - started) / 1000);
  const summary = `${code === 0 ? 'nothing found' : 'FOUND'}, ${countsIn(told)}, ${took} s`;
  console.log(`${name.padEnd(10)} ${summary}`);
  if (code !== 0) console.log(told.slice(-6000));
  return code ?? 1;
}

/** Runs, edges reached and size of the corpus, from the last line that says so (libFuzzer writes in pieces). */
function countsIn(told: string): string {
  const lines = [...told.matchAll(/#(\d+)\s+\w+\s+cov:\s+(\d+)(?:\s+ft:\s+\d+)?\s+corp:\s+(\d+)/g)];
  const [, runs = '?', edges = '?', corpus = '?'] = lines.at(-1) ?? [];
  const total = /stat::number_of_executed_units:\s+(\d+)/.exec(told)?.[1] ?? runs;
  return `${total} runs, ${edges} edges, corpus of ${corpus}`;
}

/** Seeds and dictionary as files, where libFuzzer looks for them. */
async function prepared(name: TargetName): Promise<string> {
  const folder = join(root, '.auscult', 'fuzz', name);
  mkdirSync(join(folder, 'corpus'), { recursive: true });
  const { seeds, dictionary = [], close } = await loadTarget(name);
  for (const seed of seeds())
    writeFileSync(join(folder, 'corpus', createHash('sha1').update(seed).digest('hex')), seed);
  writeFileSync(join(folder, 'words.dict'), dictionary.map((word) => `"${escaped(word)}"\n`).join(''));
  await close?.();
  return folder;
}

/** As libFuzzer's dictionary files write bytes. */
function escaped(word: string): string {
  return [...Buffer.from(word)]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}
