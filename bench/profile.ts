/**
 * Where a decision's CPU time goes in the serving process: sampled every 0.2 ms under a steady load, summed by stage
 * of the story. The runner's process is not in it; bench/decision.ts gives its share.
 *
 *   node bench/profile.ts [rate] [seconds] [--functions]
 */
import type { Profiler } from 'node:inspector';
import { drive } from './load.ts';
import { paddedBody, service } from './request.ts';
import { type Discovery, startServer, type Work } from './server.ts';

/** Stage by file, innermost frame first. A file that no rule names counts for whoever called it. */
const stages: readonly (readonly [stage: string, file: RegExp])[] = [
  ['read JSON strictly', /src\/fhir\/json\.ts$/],
  ['envelope', /src\/hooks\/envelope\.ts$/],
  ['patient match', /src\/fhir\/patient-match\.ts$/],
  ['gather', /src\/hooks\/(gather|prefetch|medications)\.ts$/],
  ['extract', /src\/features\//],
  ['predict', /src\/inference\/(predict|row)\.ts$/],
  ['policy', /src\/card\/(policy|conditions|variables)\.ts$/],
  ['explain', /src\/explain\//],
  ['render', /src\/card\//],
  ['record: words', /src\/ledger\/record\.ts$/],
  ['seal and insert', /src\/ledger\//],
  ['runner IPC', /src\/inference\/runner|node:internal\/child_process/],
  ['log and metrics', /src\/ops\/|\/pino|prom-client|sonic-boom/],
  ['tensors', /src\/inference\//],
  [
    'express and HTTP',
    /express|router|body-parser|raw-body|finalhandler|node:_http|node:http|src\/app\.ts$|node:net|stream/,
  ],
];
/** Taken only when nothing more telling is on the stack. */
const vague = new Set(['tensors', 'express and HTTP']);

type Node = Profiler.ProfileNode;

function stageOf(stack: readonly Node[]): string {
  const [leaf] = stack;
  const name = leaf?.callFrame.functionName ?? '';
  if (/^\((program|garbage collector|idle)\)$/.test(name)) return name.slice(1, -1);
  const found = stack.flatMap(
    ({ callFrame }) => stages.find(([, file]) => file.test(callFrame.url))?.[0] ?? [],
  );
  return found.find((stage) => !vague.has(stage)) ?? found[0] ?? 'node itself';
}

/** Milliseconds by whatever `keyOf` names each sample's stack, innermost frame first. */
function sum(profile: Profiler.Profile, keyOf: (stack: readonly Node[]) => string): Map<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id])),
  );
  const keys = new Map(
    profile.nodes.map(({ id }) => {
      const stack: Node[] = [];
      for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
        const node = nodes.get(at);
        if (node !== undefined) stack.push(node);
      }
      return [id, keyOf(stack)];
    }),
  );
  const spent = new Map<string, number>();
  for (const [at, id] of (profile.samples ?? []).entries()) {
    const key = keys.get(id) ?? '';
    spent.set(key, (spent.get(key) ?? 0) + (profile.timeDeltas?.[at] ?? 0) / 1000);
  }
  return spent;
}

const functionOf = ([leaf]: readonly Node[]): string =>
  `${leaf?.callFrame.functionName || '(anonymous)'} ${leaf?.callFrame.url.split('/').slice(-2).join('/')}:${leaf?.callFrame.lineNumber}`;

function print(spent: ReadonlyMap<string, number>, requests: number, most: number): void {
  const busy = [...spent].filter(([key]) => !key.startsWith('(idle)') && key !== 'idle');
  const sorted = busy.toSorted(([, one], [, other]) => other - one).slice(0, most);
  const total = busy.reduce((all, [, ms]) => all + ms, 0);
  console.log('| where | ms a request | share |\n| --- | --- | --- |');
  for (const [key, ms] of sorted) {
    console.log(`| ${key} | ${(ms / requests).toFixed(3)} | ${((100 * ms) / total).toFixed(1)} % |`);
  }
  console.log(`| all | ${(total / requests).toFixed(3)} | 100 % |\n`);
}

const [rate = 40, seconds = 15] = process.argv.slice(2).map(Number).filter(Number.isFinite);
const subject = await startServer('subject');
const discovery = (await (await fetch(`${subject.url}/cds-services`)).json()) as Discovery;
const load = {
  url: `${subject.url}/cds-services/${service}`,
  body: paddedBody(discovery, new Date(), 30_000),
  rate,
};
await drive({ ...load, seconds: 15 });
console.log((await subject.ask('work')) as Work);
await subject.ask('profile');
const { latencies, failed } = await drive({ ...load, seconds });
const profile = (await subject.ask('stop')) as Profiler.Profile;
console.log(`${latencies.length} requests at ${rate}/s, ${failed} failed\n`);
print(sum(profile, stageOf), latencies.length, 30);
if (process.argv.includes('--functions')) print(sum(profile, functionOf), latencies.length, 40);
await subject.stop();
