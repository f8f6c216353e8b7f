// MLServer from PyPI on one graph, in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from './server.ts';

const here = import.meta.dirname;
export const requirements = join(here, 'requirements.txt');

interface PeerOptions {
  /** Of the Python environment. */
  readonly bin: string;
  readonly model: string;
  /** 1/model.onnx */
  readonly graph: string;
  /** Processes beside the one that listens: 0, it runs the graph itself; 1 is MLServer's default. */
  readonly workers: number;
  readonly port: number;
}

/** Without what costs it time and the other does not do either: access log, metrics, gzip. */
const settings = ({ workers, port }: PeerOptions) => ({
  debug: false,
  host: '127.0.0.1',
  http_port: port,
  grpc_port: port + 1,
  metrics_port: port + 2,
  metrics_endpoint: null,
  parallel_workers: workers,
  gzip_enabled: false,
});

export async function startPeer(options: PeerOptions): Promise<Server> {
  const { bin, model, graph, port } = options;
  const folder = mkdtempSync(join(tmpdir(), 'auscult-mlserver-model-'));
  mkdirSync(join(folder, model));
  cpSync(join(here, 'onnx_runtime.py'), join(folder, model, 'onnx_runtime.py'));
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings(options)));
  writeFileSync(
    join(folder, model, 'model-settings.json'),
    JSON.stringify({ name: model, implementation: 'onnx_runtime.OnnxModel', parameters: { uri: graph } }),
  );
  const child = spawn(join(bin, 'mlserver'), ['start', folder], {
    stdio: ['ignore', 'ignore', process.env.MLSERVER_LOG === undefined ? 'ignore' : 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  await answers(child, `http://127.0.0.1:${port}/v2/models/${model}/ready`);
  return { rest: port, grpc: port + 1, pid: child.pid ?? 0, close: () => ended(child) };
}

async function answers(child: ChildProcess, url: string): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; await wait(100)) {
    if (child.exitCode !== null) throw new Error('MLServer ended; MLSERVER_LOG=1 shows why');
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
  }
  throw new Error('MLServer does not answer; MLSERVER_LOG=1 shows why');
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(impatience);
}
