/**
 * One target in its own process, as `run.ts` starts it: `child.ts <target> <seconds> <runs> <seed> <folder>`. jazzer.js
 * where its addon loads, the portable engine elsewhere. Exit code 77: a finding, written beside the corpus.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explore, instrument } from './portable.ts';
import {
  type FuzzTarget,
  isSynchronous,
  isTargetName,
  loadTarget,
  type TargetName,
  targetUrl,
} from './target.ts';

type Jazzer = typeof import('@jazzer.js/core');

const foundSomething = 77;
/** Ours, sources only: what a target promises is about them. */
const includes = [`${fileURLToPath(new URL('../src', import.meta.url))}${sep}`];

const [name = '', seconds = '60', runs = '-1', seed = '1', folder = '.'] = process.argv.slice(2);
if (!isTargetName(name)) throw new Error(`no target ${name}`);
register('./strip-types.ts', import.meta.url);
const jazzer = loadJazzer();
process.exit(await (jazzer === undefined ? portable(name) : withJazzer(jazzer, name)));

/** Undefined where its addon does not load. */
function loadJazzer(): Jazzer | undefined {
  try {
    return createRequire(import.meta.url)('@jazzer.js/core') as Jazzer;
  } catch (thrown) {
    const [reason] = String((thrown as Error).message).split('\n');
    console.error(`INFO: the addon of jazzer.js does not load here; portable engine instead (${reason})`);
    return undefined;
  }
}

async function withJazzer(
  { OptionsManager, OptionSource, startFuzzing }: Jazzer,
  name: TargetName,
): Promise<number> {
  const corpus = join(folder, 'corpus');
  const words = join(folder, 'words.dict');
  const options = new OptionsManager(OptionSource.DefaultCLIOptions).merge(
    {
      ...{
        fuzzTarget: targetUrl(name),
        includes,
        excludes: ['node_modules'],
        sync: isSynchronous(name),
        timeout: 10_000,
      },
      // The `app` target is a client of its own server: that connection is no forgery.
      disableBugDetectors: ['ssrf'],
      fuzzerOptions: [
        corpus,
        ...[`-max_total_time=${seconds}`, `-runs=${runs}`, `-seed=${seed}`, `-dict=${words}`],
        ...['-max_len=16384', '-print_final_stats=1', `-artifact_prefix=${folder}${sep}`],
      ],
    },
    OptionSource.CommandLineArguments,
  );
  return (await startFuzzing(options)).returnCode;
}

async function portable(name: TargetName): Promise<number> {
  instrument(includes);
  const target: FuzzTarget = await loadTarget(name);
  const kept = join(folder, 'corpus');
  mkdirSync(kept, { recursive: true });
  const inputs = readdirSync(kept).map((file) => readFileSync(join(kept, file)));
  const limits = {
    seconds: Number(seconds),
    runs: Number(runs) < 0 ? Infinity : Number(runs),
    seed: Number(seed),
  };
  const { runs: count, edges, corpus, finding } = await explore(target, inputs, limits);
  for (const input of corpus) writeFileSync(join(kept, sha1(input)), input);
  console.error(`#${count}\tDONE   cov: ${edges} corp: ${corpus.length}`);
  await target.close?.();
  if (finding === undefined) return 0;
  const file = join(folder, `crash-${sha1(finding.input)}`);
  writeFileSync(file, finding.input);
  console.error(finding.thrown, `\nTest unit written to ${file}`);
  return foundSomething;
}

function sha1(data: Buffer): string {
  return createHash('sha1').update(data).digest('hex');
}
