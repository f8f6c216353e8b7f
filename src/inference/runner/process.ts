/**
 * The runner: a child process that owns the ONNX sessions. The only file that imports onnxruntime-node, whose
 * `run()` blocks its thread and cannot be cancelled; here it blocks nobody else, and it may be killed.
 *
 * Arguments: execution provider, threads of a large graph, device. One execution provider, and no other in its place.
 * ORT_DISABLE_TELEMETRY is set before onnxruntime loads: official builds send telemetry by default.
 * Questions are answered one at a time, in their order.
 */
import { createHash } from 'node:crypto';
import type { InferenceSession } from 'onnxruntime-node';
import { rowsOf } from '../mixture.ts';
import type { Dtype, Tensor, Tensors } from '../tensor.ts';
import { difference } from './golden.ts';
import { startGuard } from './guard.ts';
import { pack, unpack, unpackMixture } from './packed.ts';
import type { Ask, Batch, FromRunner, Golden, Question, Reply, Signature, ToRunner } from './protocol.ts';

/** The service is gone, or closed us. A signal meant for the whole process group is the service's to answer. */
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

process.env.ORT_DISABLE_TELEMETRY = '1';
const ort = await import('onnxruntime-node');
/** Reasons are given in answers. */
ort.env.logLevel = 'fatal';

const [provider = 'cpu', threads = '1', deviceId = '0'] = process.argv.slice(2);
const device =
  provider === 'cuda' || provider === 'tensorrt' ? { name: provider, deviceId: Number(deviceId) } : provider;

/** Below it a run ends before a second thread has begun. */
const largeBytes = 2 ** 20;

/** Threads that wait sleep: the cores belong to other processes as well. Fatal errors only in the log. */
const optionsFor = (bytes: Uint8Array): InferenceSession.SessionOptions => ({
  executionProviders: [device],
  intraOpNumThreads: bytes.length < largeBytes ? 1 : Number(threads),
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 4,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});

const sessions = new Map<string, InferenceSession>();
/** Why a name has no session. */
const reasons = new Map<string, string>();

/** The graph does not answer its golden outputs. */
class Refused extends Error {}

async function answer(question: Question): Promise<Reply> {
  const { id } = question;
  try {
    switch (question.kind) {
      case 'load':
        return { id, kind: 'loaded', signature: await load(question) };
      case 'prove':
        await prove(question.model, sessionOf(question.model), question.golden);
        return { id, kind: 'proved' };
      case 'run': {
        const { model, rows, fetches } = question;
        const { outputs, ms } = await run(sessionOf(model), { feeds: feedsOf(question), fetches });
        noteTime(model, rows, ms);
        return { id, kind: 'ran', outputs: pack(outputs), ms };
      }
    }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'unknown';
    if (question.kind !== 'run') await drop(question.model, reason);
    return { id, kind: thrown instanceof Refused ? 'refused' : 'failed', reason };
  }
}

function feedsOf({ rows, feeds, mixture }: Extract<Question, { kind: 'run' }>): Tensors {
  const given = unpack(feeds);
  return mixture === undefined ? given : rowsOf({ rows, feeds: given, mixture: unpackMixture(mixture) });
}

async function load({ model, bytes, sha256, golden }: Extract<Ask, { kind: 'load' }>): Promise<Signature> {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error('these are not the bytes that were checked');
  await drop(model, 'model is not loaded');
  const session = await ort.InferenceSession.create(bytes, optionsFor(bytes));
  sessions.set(model, session);
  if (golden !== undefined) await prove(model, session, golden);
  return { inputs: types(session.inputMetadata), outputs: types(session.outputMetadata) };
}

async function drop(model: string, reason: string): Promise<void> {
  const session = sessions.get(model);
  sessions.delete(model);
  reasons.set(model, reason);
  await session?.release();
}

const types = (metadata: readonly InferenceSession.ValueMetadata[]): Signature['inputs'] =>
  metadata.map((value) =>
    value.isTensor
      ? { name: value.name, type: value.type, shape: value.shape }
      : { name: value.name, type: 'no tensor', shape: [] },
  );

async function prove(model: string, session: InferenceSession, golden: Golden): Promise<void> {
  const { outputs } = await run(session, golden.batch).catch((thrown: Error) => {
    throw new Refused(`${model} on ${provider} fails its golden rows: ${thrown.message}`);
  });
  const how = difference(golden.outputs, outputs);
  if (how !== undefined) throw new Refused(`${model} on ${provider} differs from its golden outputs ${how}`);
}

function sessionOf(model: string): InferenceSession {
  const session = sessions.get(model);
  if (session === undefined) throw new Error(reasons.get(model) ?? 'model is not loaded');
  return session;
}

async function run(
  session: InferenceSession,
  { feeds, fetches }: Pick<Batch, 'feeds' | 'fetches'>,
): Promise<{ readonly outputs: Tensors; readonly ms: number }> {
  startGuard();
  for (const value of session.outputMetadata) {
    const type = value.isTensor ? value.type : 'no tensor';
    if (!dtypes.includes(type) && fetches.includes(value.name))
      throw new Error(`output ${value.name} is ${type}`);
  }
  const given = Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
    name,
    new ort.Tensor(dtype, data, [...shape]),
  ]);
  const since = performance.now();
  const outputs = await session.run(Object.fromEntries(given), fetches);
  const ms = performance.now() - since;
  return {
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, taken(tensor)])),
    ms,
  };
}

const dtypes: readonly string[] = ['float64', 'float32', 'int64', 'int32', 'bool'] satisfies readonly Dtype[];

const taken = ({ type, dims, data }: InstanceType<typeof ort.Tensor>): Tensor =>
  ({ dtype: type, shape: dims, data }) as Tensor;

/** By model: the most rows that were run in less time than a message takes. */
const quickRows = new Map<string, number>();
const quickMs = 0.5;

function noteTime(model: string, rows: number, ms: number): void {
  const most = quickRows.get(model) ?? 0;
  if (ms < quickMs) quickRows.set(model, Math.max(most, rows));
  else if (rows <= most) quickRows.delete(model);
}

const isQuick = (question: Question | undefined): boolean =>
  question?.kind === 'run' && question.rows <= (quickRows.get(question.model) ?? 0);

/** Reading it costs as much as a small run does: a quarter of a second old is good enough. */
const residentEveryMs = 250;
let resident = { bytes: 0, at: Number.NEGATIVE_INFINITY };

function residentBytes(): number {
  const now = performance.now();
  if (now - resident.at >= residentEveryMs) resident = { bytes: process.memoryUsage.rss(), at: now };
  return resident.bytes;
}

/** A service that is gone hears nothing: then `disconnect` follows. */
const send = (message: FromRunner): void => {
  process.send?.(message, undefined, undefined, () => {});
};

/** What was asked together is answered together, as long as no answer waits for a run that takes its time. */
async function answerAll(questions: ToRunner): Promise<void> {
  let replies: Reply[] = [];
  for (const [at, question] of questions.entries()) {
    replies.push(await answer(question));
    if (isQuick(questions[at + 1])) continue;
    send({ kind: 'answers', replies, resident: residentBytes() });
    replies = [];
  }
}

let last = Promise.resolve();
process.on('message', (questions) => {
  last = last.then(() => answerAll(questions as ToRunner));
});
send({ kind: 'ready' });
