/** The inference API over real HTTP, on the real models and vocabulary, at a fixed clock. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Vocabulary } from '../../src/features/vocabulary.ts';
import { loadVocabulary } from '../../src/features/vocabulary.ts';
import type { Manifest } from '../../src/inference/manifest.ts';
import { type ModelRegistry, openRegistry } from '../../src/inference/registry.ts';
import type { InputValue } from '../../src/inference/row.ts';
import { createGate } from '../../src/ops/gate.ts';
import { packaged } from '../../src/packaged.ts';
import { openAccess } from '../../src/serving/access.ts';
import { createDataPlane, type DataPlane } from '../../src/serving/data-plane.ts';
import { type ServingDeps, servingRoutes } from '../../src/serving/rest.ts';
import { datatypesOf } from '../../src/serving/signature.ts';

export const now = new Date('2026-03-15T10:00:00Z');

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders | Headers;
  readonly bytes: Buffer;
  header(name: string): string | null;
  json<T = Record<string, unknown>>(): T;
}

export interface Site {
  readonly url: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Strings and bytes are sent as they are, anything else as JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Served {
  readonly models: ModelRegistry;
  readonly vocabulary: Vocabulary;
  readonly plane: (ready?: () => boolean) => DataPlane;
  listen(changes?: Partial<ServingDeps>): Promise<Site>;
  close(): Promise<void>;
}

export async function openServed(): Promise<Served> {
  const vocabulary = loadVocabulary(packaged('vocabulary'));
  const models = await openRegistry(packaged('models'));
  const plane = (ready = () => true) => createDataPlane({ models, version: '1.2.3', ready });
  const listen = async (changes: Partial<ServingDeps> = {}): Promise<Site> => {
    const app = express()
      .set('query parser', 'simple')
      .use(
        servingRoutes({
          dataPlane: plane(),
          models,
          vocabulary,
          clock: () => now,
          access: openAccess,
          enter: createGate(64).enter,
          baseUrl: 'https://auscult.example',
          limits: { bodyBytes: 8 * 1024 * 1024, deadlineMs: 10_000 },
          ...changes,
        }),
      );
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const close = async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    };
    return { url, close, ...client(url) };
  };
  return { models, vocabulary, plane, listen, close: () => models.close() };
}

const client = (url: string): Pick<Site, 'get' | 'post'> => ({
  get: async (path, headers = {}) => read(await fetch(`${url}${path}`, { headers })),
  post: async (path, body, headers = {}) =>
    read(
      await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body:
          typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
      }),
    ),
});

async function read(response: Response): Promise<Answer> {
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    header: (name) => response.headers.get(name),
    json: <T>() => JSON.parse(bytes.toString('utf8')) as T,
  };
}

export type Patient = Readonly<Record<string, InputValue>>;

export interface JsonTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data: readonly InputValue[];
}

/** Patients as the protocol's inputs: every tensor of the manifest that any of them has. */
export const inputsOf = ({ inputs }: Manifest, patients: readonly Patient[]): readonly JsonTensor[] =>
  inputs.flatMap((input) => {
    const column = patients.map((patient) => {
      const value = patient[input.name] ?? null;
      return input.kind === 'boolean' && value !== null ? Boolean(value) : value;
    });
    if (column.every((value) => value === null)) return [];
    return [{ name: input.name, shape: [patients.length], datatype: datatypesOf(input)[0], data: column }];
  });

export interface InferAnswer {
  readonly model_name: string;
  readonly model_version: string;
  readonly id?: string;
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly datatype: string;
    readonly data?: readonly (number | string | boolean | null)[];
    readonly parameters?: { readonly binary_data_size?: number };
  }[];
}

/** Output name → its column. */
export const columnsOf = ({ outputs }: InferAnswer): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(outputs.map(({ name, data = [] }) => [name, data]));
