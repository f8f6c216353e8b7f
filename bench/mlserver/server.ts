// auscult's inference API on one folder of packages, in a process of its own.
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { loadVocabulary } from '../../src/features/vocabulary.ts';
import { openRegistry } from '../../src/inference/registry.ts';
import { createGate } from '../../src/ops/gate.ts';
import { packaged } from '../../src/packaged.ts';
import { openAccess } from '../../src/serving/access.ts';
import { createDataPlane } from '../../src/serving/data-plane.ts';
import { startGrpc } from '../../src/serving/grpc.ts';
import { servingRoutes } from '../../src/serving/rest.ts';

export interface Server {
  /** Ports on loopback. */
  readonly rest: number;
  readonly grpc: number;
  /** The process that listens; it may have children. */
  readonly pid: number;
  close(): Promise<void>;
}

export async function startAuscult(folder: string): Promise<Server> {
  const child = fork(import.meta.filename, [folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const ports = await new Promise<Pick<Server, 'rest' | 'grpc'>>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Pick<Server, 'rest' | 'grpc'>));
    child.once('exit', () => reject(new Error('auscult ended')));
  });
  const close = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    await gone;
  };
  return { ...ports, pid: child.pid ?? 0, close };
}

async function serve(folder: string): Promise<Pick<Server, 'rest' | 'grpc'>> {
  const models = await openRegistry([folder]);
  const shared = {
    dataPlane: createDataPlane({ models, version: '0', ready: () => true }),
    access: openAccess,
    enter: createGate(64).enter,
    limits: { bodyBytes: 8 * 1024 * 1024, deadlineMs: 60_000 },
  };
  const [vocabulary, clock, baseUrl] = [loadVocabulary(packaged('vocabulary')), () => new Date(), ''];
  const server = createServer(
    express().use(servingRoutes({ ...shared, models, vocabulary, clock, baseUrl })),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const grpc = await startGrpc({ ...shared, port: 0 });
  return { rest: (server.address() as AddressInfo).port, grpc: grpc.port };
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  process.once('disconnect', () => process.exit(0));
  process.send(await serve(process.argv[2] ?? ''));
}
