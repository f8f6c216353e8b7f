// Triton, whose server comes with nvidia-pytriton, on folders of packages as they are, in a process of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { environment } from '../python.ts';

const here = import.meta.dirname;
export const requirements = join(here, 'requirements.txt');

/** Where nvidia-pytriton lies. */
export interface Installed {
  /** Of the environment's python. */
  readonly bin: string;
  readonly packages: string;
  /** Where libpython may lie; Triton's Python backend needs that of the environment's version. */
  readonly libraries: string;
  /** `3.11`. */
  readonly python: string;
}

/** @param folder where the Python environment is, or is to be made; without it a temporary one */
export function installed(folder?: string): Installed {
  const bin = environment(requirements, folder);
  const script =
    'import json, sysconfig as s; print(json.dumps([s.get_path("purelib"), s.get_config_var("LIBDIR"), s.get_python_version()]))';
  const told = JSON.parse(
    execFileSync(join(bin, 'python'), ['-c', script], { encoding: 'utf8' }),
  ) as string[];
  const [packages = '', libraries = '', python = ''] = told;
  return { bin, packages, libraries, python };
}

/** What Triton says of a model. */
export interface Loaded {
  readonly name: string;
  readonly state: string;
  /** Why it is not ready. */
  readonly reason?: string;
}

export interface Triton {
  /** Ports on loopback. */
  readonly rest: number;
  readonly grpc: number;
  readonly version: string;
  readonly loaded: readonly Loaded[];
  close(): Promise<void>;
}

interface TritonOptions {
  readonly from: Installed;
  /** Folders of packages; nothing is written there. */
  readonly repositories: readonly string[];
  /** Rows of the largest batch of a model without configuration; 0: the graph's own axes. */
  readonly maxBatchSize: number;
  readonly port: number;
}

/** Resolves when every model was loaded or refused. @throws Error where it ends, or is not up within two minutes */
export async function startTriton(options: TritonOptions): Promise<Triton> {
  const { from, repositories, maxBatchSize, port } = options;
  const backends = backendsOf(from);
  const server = join(from.packages, 'pytriton', 'tritonserver', 'bin', 'tritonserver');
  const child = spawn(server, flags(options, backends), {
    stdio: ['ignore', 'ignore', process.env.TRITON_LOG === undefined ? 'ignore' : 'inherit'],
    env: {
      ...process.env,
      // The Python backend finds its packages beside the first python.
      PATH: [from.bin, process.env.PATH].join(delimiter),
      LD_LIBRARY_PATH: [join(from.packages, 'nvidia_pytriton.libs'), from.libraries].join(delimiter),
      TRITON_REPOSITORIES: repositories.join(delimiter),
      TRITON_MAX_BATCH_SIZE: String(maxBatchSize),
    },
  });
  const origin = `http://127.0.0.1:${port}/v2`;
  await answers(child, `${origin}/health/live`);
  const { version } = (await (await fetch(origin)).json()) as { readonly version: string };
  const index = await fetch(`${origin}/repository/index`, { method: 'POST' });
  const loaded = (await index.json()) as readonly Loaded[];
  const close = async (): Promise<void> => {
    await ended(child);
    rmSync(backends, { recursive: true });
  };
  return { rest: port, grpc: port + 1, version, loaded, close };
}

const flags = ({ repositories, maxBatchSize, port }: TritonOptions, backends: string): readonly string[] => [
  ...repositories.map((folder) => `--model-repository=${folder}`),
  `--backend-directory=${backends}`,
  `--backend-config=default-max-batch-size=${maxBatchSize}`,
  '--http-address=127.0.0.1',
  `--http-port=${port}`,
  '--grpc-address=127.0.0.1',
  `--grpc-port=${port + 1}`,
  '--allow-metrics=false',
  '--exit-on-error=false',
  '--exit-timeout-secs=5',
];

/** A folder with Triton's Python backend, for the version of Python that is here, and the one for ONNX graphs. */
function backendsOf({ packages, python }: Installed): string {
  const triton = join(packages, 'pytriton', 'tritonserver');
  const folder = mkdtempSync(join(tmpdir(), 'auscult-triton-backends-'));
  cpSync(join(triton, 'backends', 'python'), join(folder, 'python'), { recursive: true });
  const stub = 'triton_python_backend_stub';
  cpSync(join(triton, 'python_backend_stubs', python, stub), join(folder, 'python', stub));
  mkdirSync(join(folder, 'onnxruntime'));
  cpSync(join(here, 'model.py'), join(folder, 'onnxruntime', 'model.py'));
  return folder;
}

/** Triton listens when it has been through its repositories. */
async function answers(child: ChildProcess, url: string): Promise<void> {
  for (const end = performance.now() + 120_000; performance.now() < end; await wait(250)) {
    if (child.exitCode !== null) throw new Error('Triton ended; TRITON_LOG=1 shows why');
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
  }
  child.kill('SIGKILL');
  throw new Error('Triton does not answer; TRITON_LOG=1 shows why');
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await gone;
  clearTimeout(impatience);
}
