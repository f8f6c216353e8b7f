/**
 * What a decision costs: requests/s, latency and CPU per request at fixed arrival rates, beside the floor
 * (bench/floor.ts) in the same run, interleaved. docs/performance.md says how to read it.
 *
 *   node bench/decision.ts [rates, e.g. 25,50,100] [rounds] [seconds a step]
 */
import { availableParallelism, cpus } from 'node:os';
import { type Answers, drive, median, percentile } from './load.ts';
import { cpuMsOf } from './processes.ts';
import { paddedBody, service, silent } from './request.ts';
import { type Discovery, type Server, startServer, type Work } from './server.ts';

const bodyBytes = 30_000;
const rates = (process.argv[2] ?? '25,50,100,200').split(',').map(Number);
const rounds = Number(process.argv[3] ?? 3);
const seconds = Number(process.argv[4] ?? 4);
/** Code is compiled for good only after some thousand requests, and a service runs for days. */
const warmUp = { rate: 150, seconds: 25 };
/** Rate at which a decision that stays silent is measured: all of it but explanation and card. */
const silentRate = 50;

interface Step {
  readonly rate: number;
  readonly reached: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU milliseconds per request: of the serving process, and of its children. */
  readonly main: number;
  readonly children: number;
  readonly failed: number;
}

async function step(server: Server, body: Buffer, rate: number): Promise<Step> {
  const before = cpuMsOf(server.pid);
  const answers = await drive({ url: `${server.url}/cds-services/${service}`, body, rate, seconds });
  const after = cpuMsOf(server.pid);
  const spent = [...after].map(([pid, ms]) => ({ pid, ms: ms - (before.get(pid) ?? 0) }));
  const cost = (own: boolean) =>
    spent.filter(({ pid }) => (pid === server.pid) === own).reduce((sum, { ms }) => sum + ms, 0);
  const count = answers.latencies.length;
  return {
    rate,
    reached: reached(answers),
    p50: percentile(answers.latencies, 50),
    p99: percentile(answers.latencies, 99),
    main: cost(true) / count,
    children: cost(false) / count,
    failed: answers.failed,
  };
}

const reached = ({ latencies, failed, seconds: took }: Answers): number => (latencies.length - failed) / took;

/** Medians over the rounds; failures are summed. */
function summary(steps: readonly Step[]): Step {
  const of = (name: keyof Step) => median(steps.map((each) => each[name]));
  return {
    rate: of('rate'),
    reached: of('reached'),
    p50: of('p50'),
    p99: of('p99'),
    main: of('main'),
    children: of('children'),
    failed: steps.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** CPU milliseconds per request. */
const cpu = ({ main, children }: Step): number => main + children;
const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

function tables(steps: readonly { subject: Step; floor: Step }[]): string {
  const head = ['rate /s', 'server', 'reached /s', 'p50 ms', 'p99 ms', 'CPU ms', 'of it runner', 'failed'];
  const line = (name: string, each: Step) =>
    row(
      each.rate,
      name,
      each.reached.toFixed(1),
      ...[each.p50, each.p99, cpu(each), each.children].map((ms) => ms.toFixed(2)),
      each.failed,
    );
  const ratio = (a: number, b: number) => (a / b).toFixed(2);
  return [
    row(...head),
    row(...head.map(() => '---')),
    ...steps.flatMap(({ subject, floor }) => [line('auscult', subject), line('floor', floor)]),
    '',
    row('rate /s', 'CPU ratio', 'p50 ratio', 'p99 ratio'),
    row('---', '---', '---', '---'),
    ...steps.map(({ subject, floor }) =>
      row(
        subject.rate,
        ratio(cpu(subject), cpu(floor)),
        ratio(subject.p50, floor.p50),
        ratio(subject.p99, floor.p99),
      ),
    ),
  ].join('\n');
}

/** One answer, whole: its size, and whether it is a card as expected. */
async function answerBytes(url: string, body: Buffer, isCard: boolean): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  const text = await response.text();
  if (response.status !== 200 || text.includes('"summary"') !== isCard) {
    throw new Error(`expected ${isCard ? 'a' : 'no'} card: ${response.status}`);
  }
  return Buffer.byteLength(text);
}

const subject = await startServer('subject');
const hook = `${subject.url}/cds-services/${service}`;
const discovery = (await (await fetch(`${subject.url}/cds-services`)).json()) as Discovery;
const quiet = paddedBody(discovery, new Date(), bodyBytes, silent);
const body = paddedBody(discovery, new Date(), bodyBytes);
await answerBytes(hook, quiet, false);
const bytes = await answerBytes(hook, body, true);
const work: Work = { ...((await subject.ask('work')) as Omit<Work, 'answerBytes'>), answerBytes: bytes };
const floor = await startServer('floor', work);

console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`);
console.log(
  `body ${body.length} B, record ${work.recordBytes} B, batch ${work.rows} rows, answer ${bytes} B`,
);
console.log(`${rounds} rounds of ${seconds} s a step, median of the rounds\n`);
for (const server of [subject, floor]) {
  await drive({ url: `${server.url}/cds-services/${service}`, body, ...warmUp });
}

const measured = rates.map((rate) => ({ rate, subject: [] as Step[], floor: [] as Step[] }));
const silence: Step[] = [];
for (let round = 0; round < rounds; round++) {
  for (const each of measured) {
    each.subject.push(await step(subject, body, each.rate));
    each.floor.push(await step(floor, body, each.rate));
  }
  silence.push(await step(subject, quiet, silentRate));
}
console.log(tables(measured.map((each) => ({ subject: summary(each.subject), floor: summary(each.floor) }))));
const hushed = summary(silence);
const [spent, p50, p99] = [cpu(hushed), hushed.p50, hushed.p99].map((ms) => ms.toFixed(2));
console.log(`\nA decision that stays silent, ${silentRate}/s: CPU ${spent} ms, p50 ${p50} ms, p99 ${p99} ms`);
await Promise.all([subject.stop(), floor.stop()]);
