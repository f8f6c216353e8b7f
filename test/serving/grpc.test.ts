/** GRPCInferenceService over a real connection, on the real models. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect, type Settings } from 'node:http2';
import type { ServiceError } from '@grpc/grpc-js';
import { Fault } from '../../src/errors.ts';
import { createGate } from '../../src/ops/gate.ts';
import { clientAccess, openAccess } from '../../src/serving/access.ts';
import { parseClients } from '../../src/serving/clients.ts';
import type { DataPlane } from '../../src/serving/data-plane.ts';
import { type GrpcOptions, type GrpcServer, startGrpc, windowBytes } from '../../src/serving/grpc.ts';
import type { Refusal } from '../../src/serving/refusal.ts';
import { identity } from '../hooks/identity.ts';
import { patient } from '../inference/prevent.ts';
import {
  columnsOfGrpc,
  type GrpcAnswer,
  type GrpcClient,
  grpcClient,
  statusWithoutBody,
  typed,
} from './grpc-client.ts';
import { inputsOf, openServed, type Served } from './served.ts';

const key = 'k'.repeat(43);
const slow = 's'.repeat(43);
const hash = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

describe('gRPC', () => {
  let served: Served;
  const open: { readonly grpc: GrpcServer; readonly client: GrpcClient }[] = [];
  before(async () => {
    served = await openServed();
  });
  afterEach(async () => {
    for (const { grpc, client } of open.splice(0)) {
      client.close();
      await grpc.close(100);
    }
  });
  after(() => served.close());

  async function listen(changes: Partial<GrpcOptions> = {}): Promise<GrpcClient & { grpc: GrpcServer }> {
    const grpc = await startGrpc({
      dataPlane: served.plane(),
      access: openAccess,
      enter: createGate(64).enter,
      limits: { bodyBytes: 100_000, deadlineMs: 10_000 },
      port: 0,
      ...changes,
    });
    const client = grpcClient(grpc.port, changes.credentials?.cert);
    open.push({ grpc, client });
    return { ...client, grpc };
  }

  const tensors = () => inputsOf(served.models.get('prevent').manifest, [patient]);
  const request = (change: object = {}) => ({
    model_name: 'prevent',
    id: 'g-1',
    inputs: tensors().map(typed),
    ...change,
  });
  const refused = async (work: Promise<unknown>, code: number): Promise<ServiceError> => {
    const thrown = await work.then(
      () => undefined,
      (error: ServiceError) => error,
    );
    assert.equal(thrown?.code, code, thrown?.message ?? 'was answered');
    return thrown as ServiceError;
  };
  /** A gate that opens when it is told to. */
  function held() {
    const { promise: told, resolve: release } = Promise.withResolvers<void>();
    const { promise: entered, resolve: enters } = Promise.withResolvers<void>();
    const enter = async <T>(work: () => Promise<T>): Promise<T> => {
      enters();
      await told;
      return work();
    };
    return { enter, entered, release };
  }

  it('answers all six methods', async () => {
    const { ask } = await listen();
    assert.deepEqual(await ask('ServerLive'), { live: true });
    assert.deepEqual(await ask('ServerReady'), { ready: true });
    assert.deepEqual(await ask('ServerMetadata'), {
      name: 'auscult',
      version: '1.2.3',
      extensions: ['binary_tensor_data', 'model_repository', 'schedule_policy', 'explain'],
    });
    assert.deepEqual(await ask('ModelReady', { name: 'prevent' }), { ready: true });
    assert.deepEqual(await ask('ModelReady', { name: 'prevent', version: '1.0.0' }), { ready: true });
    const metadata = await ask<{ platform: string; inputs: object[]; outputs: object[] }>('ModelMetadata', {
      name: 'prevent',
    });
    assert.equal(metadata.platform, 'onnx_onnxv1');
    assert.deepEqual(metadata.inputs[0], { name: 'age', datatype: 'FP64', shape: [-1] });
    const answer = await ask<GrpcAnswer>('ModelInfer', request());
    assert.deepEqual([answer.model_name, answer.model_version, answer.id], ['prevent', '1.0.0', 'g-1']);
    assert.equal(answer.parameters.digest?.string_param, served.models.get('prevent').digest);
    assert.deepEqual(columnsOfGrpc(answer).model, ['base']);
  });

  it('malformed tensors are INVALID_ARGUMENT, and no value is repeated', async () => {
    const { ask } = await listen();
    const [first, ...rest] = tensors().map(typed);
    const secret = '271828';
    const bent: readonly object[] = [
      { inputs: [] },
      { inputs: [{ ...first, datatype: secret }, ...rest] },
      { inputs: [{ ...first, shape: [271828] }, ...rest] },
      { inputs: [{ ...first, name: secret }, ...rest] },
      { inputs: [{ ...first, contents: { fp32_contents: [271828] } }, ...rest] },
      { inputs: [{ ...first, contents: { fp64_contents: [271828] } }, ...rest] },
      { raw_input_contents: [Buffer.from(secret)] },
      { outputs: [{ name: secret }] },
      { id: secret.repeat(100) },
    ];
    for (const change of bent) {
      const { details } = await refused(ask('ModelInfer', request(change)), 3);
      assert.ok(!details.includes(secret), details);
    }
  });

  it('bytes that are no message, or a crowded one, are INVALID_ARGUMENT', async () => {
    const { ask } = await listen();
    const odd = [
      Buffer.from('271828 is no protobuf'),
      Buffer.from([0x2a, 0x7f]),
      Buffer.from([0x22, 0x00]),
      Buffer.from(Array.from({ length: 40_000 }, (_, at) => (at % 2 === 0 ? 0x2a : 0))),
    ];
    for (const each of odd) {
      const { details } = await refused(ask('ModelInfer', {}, { bytes: each }), 3);
      assert.match(details, /the message (?:is not|holds more)/);
    }
  });

  it('what is not there is NOT_FOUND, a method that there is not UNIMPLEMENTED', async () => {
    const { ask } = await listen();
    await refused(ask('ModelInfer', request({ model_name: 'nobody' })), 5);
    await refused(ask('ModelInfer', request({ model_version: '9' })), 5);
    await refused(ask('ModelMetadata', { name: 'nobody' }), 5);
    await refused(ask('ModelReady', {}), 5);
    await refused(ask('RepositoryIndex'), 12);
  });

  it('the API key is the authorization metadata; whoever is unknown is UNAUTHENTICATED before the message is read', async () => {
    const told: (Fault | Refusal)[] = [];
    const clients = parseClients(
      JSON.stringify([
        { id: 'any', scopes: ['infer:*'], keys: [hash(key)] },
        { id: 'slow', scopes: ['infer:pce'], perMinute: 2, keys: [hash(slow)] },
      ]),
      served.models.ids(),
    );
    const access = clientAccess({ clients, baseUrl: 'https://auscult.example', clock: () => new Date() });
    const { ask, grpc } = await listen({ access, onFault: (fault) => void told.push(fault) });
    assert.deepEqual(await ask('ServerLive', {}, { authorization: `Bearer ${key}` }), { live: true });
    await ask('ModelInfer', request(), { authorization: `Bearer ${key}` });
    const said = new Set<string>();
    for (const options of [{}, { authorization: `Bearer ${'x'.repeat(43)}` }, { authorization: key }]) {
      for (const method of ['ServerLive', 'ModelReady', 'ModelInfer']) {
        said.add((await refused(ask(method, request(), options), 16)).details);
      }
    }
    assert.deepEqual([...said], ['Not authorized.']);
    assert.ok(told.every(({ code }) => code === 'unauthorized'));
    const headersOnly = await statusWithoutBody(grpc.port);
    assert.equal(headersOnly, '16');

    const paced = { authorization: `Bearer ${slow}` };
    await refused(ask('ModelInfer', request(), paced), 5);
    await ask('ServerLive', {}, paced);
    const { metadata } = await refused(ask('ServerLive', {}, paced), 8);
    assert.deepEqual(metadata.get('grpc-retry-pushback-ms'), ['30000']);
  });

  it('a message above the limit is RESOURCE_EXHAUSTED', async () => {
    const { ask } = await listen();
    await refused(ask('ModelInfer', {}, { bytes: Buffer.alloc(100_001) }), 8);
    await ask('ModelInfer', request());
  });

  /** Works until nobody waits any more. */
  function endless() {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const infer: DataPlane['infer'] = (_, { signal } = {}) =>
      new Promise((_resolve, reject) => {
        begun.resolve();
        signal?.addEventListener('abort', () => {
          ended.resolve();
          reject(new Fault('deadline-passed'));
        });
      });
    return { dataPlane: { ...served.plane(), infer }, begun: begun.promise, ended: ended.promise };
  }

  it('the deadline of the caller ends the work', async () => {
    const { dataPlane, ended } = endless();
    const { ask } = await listen({ dataPlane });
    await ask('ServerLive');
    await refused(ask('ModelInfer', request(), { deadline: Date.now() + 500 }), 4);
    await ended;
  });

  it('a caller that cancels ends the work', async () => {
    const { dataPlane, begun, ended } = endless();
    const { begin } = await listen({ dataPlane });
    const { call, answer } = begin('ModelInfer', request());
    await begun;
    call.cancel();
    await refused(answer, 1);
    await ended;
  });

  it('our own deadline is DEADLINE_EXCEEDED, a message that drips in included; a full house UNAVAILABLE', async () => {
    const limits = { bodyBytes: 100_000, deadlineMs: 100 };
    const enter = async <T>(work: () => Promise<T>): Promise<T> => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return work();
    };
    const { ask, grpc } = await listen({ limits, enter });
    await refused(ask('ModelInfer', request()), 4);
    assert.equal(await statusWithoutBody(grpc.port), '4');
    const full = await listen({ enter: createGate(0).enter });
    await refused(full.ask('ModelInfer', request()), 14);
  });

  it('close lets what is in flight be answered, and takes nothing more', async () => {
    const gate = held();
    const { begin, grpc } = await listen({ enter: gate.enter });
    const { answer } = begin('ModelInfer', request());
    await gate.entered;
    let closed = false;
    const closing = grpc.close(5_000).then(() => {
      closed = true;
    });
    const late = grpcClient(grpc.port);
    await refused(late.ask('ServerLive'), 14);
    late.close();
    assert.equal(closed, false);
    gate.release();
    assert.equal(((await answer) as GrpcAnswer).id, 'g-1');
    await closing;
  });

  it('close cuts off what is not answered within the grace period', async () => {
    const gate = held();
    const { begin, grpc } = await listen({ enter: gate.enter });
    const { answer } = begin('ModelInfer', request());
    const cut = refused(answer, 1);
    await gate.entered;
    await grpc.close(50);
    await cut;
    gate.release();
  });

  it('a large tensor need not wait at windows of 64 KiB', async () => {
    const { grpc } = await listen();
    const session = connect(`http://127.0.0.1:${grpc.port}`);
    const settings = await new Promise<Settings>((resolve) => session.once('remoteSettings', resolve));
    assert.equal(settings.initialWindowSize, windowBytes);
    assert.equal(settings.maxConcurrentStreams, 100);
    session.destroy();
  });

  it('speaks TLS with the certificate it is given', async () => {
    const credentials = await identity('auscult');
    const { ask, grpc } = await listen({ credentials });
    assert.deepEqual(await ask('ServerLive'), { live: true });
    const plain = grpcClient(grpc.port);
    await refused(plain.ask('ServerLive'), 14);
    plain.close();
  });

  it('metadata that is none is written nowhere', async (): Promise<void> => {
    const { error } = console;
    const written: unknown[] = [];
    console.error = (...words: unknown[]) => void written.push(...words);
    try {
      const { grpc } = await listen({ access: async () => Promise.reject(new Fault('unauthorized')) });
      assert.equal(await statusWithoutBody(grpc.port, { 'x!y': key }), '16');
    } finally {
      console.error = error;
    }
    assert.deepEqual(written, []);
  });

  it('a port that is taken is an error that names it', async () => {
    const { grpc } = await listen();
    await assert.rejects(listen({ port: grpc.port }), new RegExp(`127.0.0.1:${grpc.port}`));
  });
});
