/**
 * The runner: a child process that owns the ONNX sessions. The only file that imports onnxruntime-node, whose
 * `run()` blocks its thread and cannot be cancelled; here it blocks nobody else, and it may be killed.
 *
 * ORT_DISABLE_TELEMETRY is set before onnxruntime loads: official builds send telemetry by default.
 * One message at a time: the service waits for an answer before it asks again.
 */
import type { InferenceSession } from 'onnxruntime-node';
import type { Dtype, Tensor, Tensors } from '../tensor.ts';
import type { FromRunner, Signature, ToRunner } from './protocol.ts';

process.env.ORT_DISABLE_TELEMETRY = '1';
const ort = await import('onnxruntime-node');

/** One thread per session (the service decides how many runners there are), float64 on the CPU, errors only. */
const options: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 4,
};

const sessions = new Map<string, InferenceSession>();

async function answer(message: ToRunner): Promise<FromRunner> {
  const { id } = message;
  try {
    switch (message.kind) {
      case 'load':
        return { kind: 'loaded', id, signature: await load(message.model, message.bytes) };
      case 'run':
        return { kind: 'ran', id, outputs: await run(message) };
    }
  } catch (thrown) {
    return { kind: 'failed', id, reason: thrown instanceof Error ? thrown.message : 'unknown' };
  }
}

async function load(model: string, bytes: Uint8Array): Promise<Signature> {
  const session = await ort.InferenceSession.create(bytes, options);
  await sessions.get(model)?.release();
  sessions.set(model, session);
  return { inputs: types(session.inputMetadata), outputs: types(session.outputMetadata) };
}

const types = (metadata: readonly InferenceSession.ValueMetadata[]): Signature['inputs'] =>
  metadata.map((value) =>
    value.isTensor
      ? { name: value.name, type: value.type, shape: value.shape }
      : { name: value.name, type: 'no tensor', shape: [] },
  );

async function run({ model, feeds, fetches }: Extract<ToRunner, { kind: 'run' }>): Promise<Tensors> {
  const session = sessions.get(model);
  if (session === undefined) throw new Error('model is not loaded');
  const given = Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
    name,
    new ort.Tensor(dtype, data, [...shape]),
  ]);
  const outputs = await session.run(Object.fromEntries(given), fetches);
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, taken(tensor)]));
}

const dtypes: readonly string[] = ['float64', 'float32', 'int64', 'int32', 'bool'] satisfies readonly Dtype[];

function taken({ type, dims, data }: InstanceType<typeof ort.Tensor>): Tensor {
  if (!dtypes.includes(type)) throw new Error(`output is ${type}`);
  return { dtype: type, shape: dims, data } as Tensor;
}

const send = (message: FromRunner): void => {
  process.send?.(message);
};

process.on('message', async (message) => send(await answer(message as ToRunner)));
/** The service is gone, or closed us. A signal meant for the whole process group is the service's to answer. */
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
send({ kind: 'ready' });
