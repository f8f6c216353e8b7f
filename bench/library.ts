/**
 * What a chart opening costs with the whole library: every patient-view service in one call (`all-patient-view`) with
 * full prefetch, CPU per request of server and runner. docs/performance.md says how to read it.
 *
 *   node bench/library.ts [personas, e.g. high-risk-untreated,hfref-missing-pillars] [requests a second] [seconds]
 */
import { availableParallelism, cpus } from 'node:os';
import { patientView, templatesOf } from '../fixtures/requests.ts';
import { drive, percentile } from './load.ts';
import { cpuMsOf } from './processes.ts';
import { type Discovery, startServer } from './server.ts';

const id = 'all-patient-view';
const personas = (
  process.argv[2] ?? 'high-risk-untreated,hfref-missing-pillars,ckd-diabetes-no-sglt2,low-risk'
).split(',');
const rate = Number(process.argv[3] ?? 20);
const seconds = Number(process.argv[4] ?? 10);
/** Code is compiled for good only after some thousand requests. */
const warmUp = { rate: 60, seconds: 25 };

const server = await startServer('subject');
const url = `${server.url}/cds-services/${id}`;
const { services } = (await (await fetch(`${server.url}/cds-services`)).json()) as Discovery;
const templates = templatesOf(services.find((each) => each.id === id)?.prefetch ?? {});
const bodies = personas.map((persona) => ({
  persona,
  body: Buffer.from(JSON.stringify(patientView(persona, new Date(), templates))),
}));

async function cardsOf(body: Buffer): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
  return ((await answer.json()) as { cards: unknown[] }).cards.length;
}

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const head = ['persona', 'KB', 'cards', 'CPU ms', 'of it runner', 'p50 ms', 'p99 ms', 'failed'];

for (const { body } of bodies) await drive({ url, body, ...warmUp, seconds: warmUp.seconds / bodies.length });
console.log(
  `${availableParallelism()} cores, ${cpus()[0]?.model}, Node ${process.version}; ${rate} requests/s`,
);
console.log([row(...head), row(...head.map(() => '---'))].join('\n'));
for (const { persona, body } of bodies) {
  const before = cpuMsOf(server.pid);
  const { latencies, failed } = await drive({ url, body, rate, seconds });
  const spent = [...cpuMsOf(server.pid)].map(([pid, ms]) => ({ pid, ms: ms - (before.get(pid) ?? 0) }));
  const of = (own: boolean | undefined) =>
    spent
      .filter(({ pid }) => own === undefined || (pid === server.pid) === own)
      .reduce((sum, { ms }) => sum + ms, 0) / latencies.length;
  const times = [of(undefined), of(false), percentile(latencies, 50), percentile(latencies, 99)];
  const cards = await cardsOf(body);
  console.log(
    row(persona, (body.length / 1000).toFixed(0), cards, ...times.map((ms) => ms.toFixed(2)), failed),
  );
}
await server.stop();
