/** One model on servers of its own for each test, over real sockets, and what is asked of it. */
import assert from 'node:assert/strict';
import { parseRemoteModels } from '../../../src/inference/remote/remote-model.ts';
import {
  type RemoteOptions,
  type RemoteRunner,
  remoteRunner,
} from '../../../src/inference/remote/remote-runner.ts';
import { type Bend, batch, golden, json, type OipServer, oipServer } from './oip-server.ts';

const circuit = { failures: 3, pauseMs: 60 };

/** @param kinds one for each server */
type Open = (options?: RemoteOptions, changes?: object, kinds?: readonly object[]) => Promise<void>;

export interface OneRemote {
  open: Open;
  /** Loaded and proven as well. */
  ready: Open;
  runner(): RemoteRunner;
  servers(): readonly OipServer[];
  server(at: number): OipServer;
  sums(rows?: number, urgency?: object): Promise<readonly unknown[]>;
  /** Questions to each server. */
  asked(): readonly number[];
}

export const unavailable = { code: 'model-unavailable', details: ['sum'] };

/** A server that always says that. */
export const saying =
  (body: unknown, status = 200): Bend =>
  (_, response) =>
    json(response, body, status);

/** Within a `describe`: what a test opens is closed after it. */
export function oneRemote(): OneRemote {
  let opened: readonly OipServer[] = [];
  let remote: RemoteRunner | undefined;
  const runner = (): RemoteRunner => remote ?? assert.fail('no remote');
  const open: Open = async (options = {}, changes = {}, kinds = [{}, {}]) => {
    opened = await Promise.all(kinds.map((kind) => oipServer(kind)));
    const endpoints = opened.map(({ url }) => url.href);
    const entry = { model: 'sum', protocol: 'rest', endpoints, timeoutMs: 1000, ...changes };
    const [parsed] = parseRemoteModels(JSON.stringify([entry]), options.env);
    assert.ok(parsed);
    remote = remoteRunner(parsed, { circuit, ...options });
  };
  afterEach(async () => {
    await remote?.close();
    await Promise.all(opened.map((server) => server.close()));
  });
  return {
    open,
    async ready(...given) {
      await open(...given);
      await runner().load('sum', new Uint8Array());
      await runner().prove('sum', golden);
      for (const { inferred } of opened) inferred.splice(0);
    },
    runner,
    servers: () => opened,
    server: (at) => opened[at] ?? assert.fail(),
    sums: async (rows = 1, urgency = {}) => [
      ...((await runner().run('sum', batch(rows), urgency)).sum?.data ?? []),
    ],
    asked: () => opened.map(({ inferred }) => inferred.length),
  };
}
