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
import type { Dtype, Tensor, Tensors } from '../tensor.ts';
import { difference } from './golden.ts';
import type { Answer, Ask, Batch, FromRunner, Golden, Signature, ToRunner } from './protocol.ts';

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

async function answer(ask: Ask): Promise<Answer> {
  try {
    switch (ask.kind) {
      case 'load':
        return { kind: 'loaded', signature: await load(ask) };
      case 'prove':
        await prove(ask.model, sessionOf(ask.model), ask.golden);
        return { kind: 'proved' };
      case 'run':
        return { kind: 'ran', ...(await run(sessionOf(ask.model), ask)) };
    }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'unknown';
    if (ask.kind !== 'run') await drop(ask.model, reason);
    return { kind: thrown instanceof Refused ? 'refused' : 'failed', reason };
  }
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
  { feeds, fetches }: Batch,
): Promise<{ readonly outputs: Tensors; readonly ms: number }> {
  for (const { name, type } of types(session.outputMetadata)) {
    if (fetches.includes(name) && !dtypes.includes(type)) throw new Error(`output ${name} is ${type}`);
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

/** A service that is gone hears nothing: then `disconnect` follows. */
const send = (message: FromRunner): void => {
  process.send?.(message, undefined, undefined, () => {});
};

let last = Promise.resolve();
process.on('message', (message) => {
  const { id, ...ask } = message as ToRunner;
  last = last.then(async () =>
    send({ ...(await answer(ask as Ask)), id, resident: process.memoryUsage.rss() }),
  );
});
send({ kind: 'ready' });
