/** The example networks of fixtures/models behind the inference API: real packages, runner, HTTP and gRPC. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Network } from '../../src/inference/network.ts';
import type { NetworkInput, NetworkManifest } from '../../src/inference/network-manifest.ts';
import { openRegistry } from '../../src/inference/registry.ts';
import { createGate } from '../../src/ops/gate.ts';
import { openAccess } from '../../src/serving/access.ts';
import { createDataPlane } from '../../src/serving/data-plane.ts';
import { startGrpc } from '../../src/serving/grpc.ts';
import { root } from '../card/package.ts';
import { type GrpcClient, grpcClient } from '../serving/grpc-client.ts';
import { columnsOf, type InferAnswer, openServed, type Site } from '../serving/served.ts';

export const folder = join(root, 'fixtures', 'models');
export const ids: readonly string[] = readdirSync(folder).sort();

export const manifestOf = (id: string): NetworkManifest =>
  JSON.parse(readFileSync(join(folder, id, 'manifest.json'), 'utf8'));

/** Input → flat elements of one patient; null is NaN. */
export type Patient = Readonly<Record<string, readonly (number | null)[]>>;

/** Output → flat elements of all patients. */
export type Elements = Readonly<Record<string, readonly number[]>>;

export interface Vector {
  readonly input: Patient;
  readonly expected: Elements;
  readonly tolerance: number;
}

/** A line of parity.jsonl; those at 0, 1 and 2 are edges, those behind them drawn. */
export function vectorOf(id: string, at: number): Vector {
  const line = readFileSync(join(folder, id, 'parity.jsonl'), 'utf8').split('\n')[at];
  return JSON.parse(line ?? assert.fail(`${id} has no vector ${at}`));
}

const datatypes = { float32: 'FP32', int64: 'INT64' } as const;
export const datatypeOf = ({ dtype }: Pick<NetworkInput, 'dtype'>): 'FP32' | 'INT64' =>
  dtype === 'float32' || dtype === 'int64' ? datatypes[dtype] : assert.fail(dtype);

export interface Sent {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data: readonly (number | null)[];
}

/** Patients as the protocol's inputs. */
export const sent = ({ inputs }: NetworkManifest, patients: readonly Patient[]): readonly Sent[] =>
  inputs.map((input) => ({
    name: input.name,
    shape: [patients.length, ...input.axes.map(({ size }) => size)],
    datatype: datatypeOf(input),
    data: patients.flatMap((patient) => patient[input.name] ?? assert.fail(input.name)),
  }));

export interface Explanation {
  readonly output: string;
  readonly scale: string;
  readonly method: string;
  readonly predicted: number;
  readonly value: number;
  readonly saturated?: true;
  readonly baseline?: number;
  readonly players: readonly {
    readonly label: string;
    readonly input: string;
    readonly phi: number;
    readonly standard_error?: number;
  }[];
  readonly gap?: number;
  readonly map?: { readonly shape: readonly number[]; readonly numbers: readonly number[] };
}

export interface Examples {
  readonly site: Site;
  readonly grpc: GrpcClient;
  readonly network: (id: string) => Network;
  /** Asked over REST in JSON. */
  infer(id: string, patients: readonly Patient[]): Promise<Elements>;
  explain(id: string, patient: Patient, parameters?: object): Promise<Explanation>;
  close(): Promise<void>;
}

export async function openExamples(): Promise<Examples> {
  const [served, models] = await Promise.all([openServed(), openRegistry(folder)]);
  const dataPlane = createDataPlane({ models, version: '1.2.3', ready: () => true });
  const shared = { dataPlane, enter: createGate(64).enter };
  const limits = { bodyBytes: 8 * 1024 * 1024, deadlineMs: 20_000 };
  const site = await served.listen({ ...shared, models, limits });
  const server = await startGrpc({ ...shared, access: openAccess, limits, port: 0 });
  const grpc = grpcClient(server.port);
  const ask = async <T>(path: string, body: object): Promise<T> => {
    const answer = await site.post(`/v2/models/${path}`, body);
    assert.equal(answer.status, 200, answer.bytes.toString());
    return answer.json<T>();
  };
  return {
    site,
    grpc,
    network: (id) => models.network(id),
    async infer(id, patients) {
      const body = await ask<InferAnswer>(`${id}/infer`, { inputs: sent(manifestOf(id), patients) });
      return columnsOf(body) as Elements;
    },
    async explain(id, patient, parameters = {}) {
      const inputs = sent(manifestOf(id), [patient]);
      const body = await ask<{ explanation: Explanation }>(`${id}/explain`, { inputs, parameters });
      return body.explanation;
    },
    async close() {
      grpc.close();
      await server.close(100);
      await site.close();
      await Promise.all([served.close(), models.close()]);
    },
  };
}
