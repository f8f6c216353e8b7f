// The floor: onnxruntime in a loop, alone in its process, nothing around it. Talks to inference.ts.
import type { InferenceSession } from 'onnxruntime-node';

process.env.ORT_DISABLE_TELEMETRY = '1';
const ort = await import('onnxruntime-node');

export interface RawTask {
  readonly graph: Uint8Array;
  readonly input: string;
  readonly width: number;
  readonly rows: number;
  /** As many as the runner's process takes for that graph. */
  readonly threads: number;
  readonly seconds: number;
}

async function measure({ graph, input, width, rows, threads, seconds }: RawTask): Promise<readonly number[]> {
  const options: InferenceSession.SessionOptions = { intraOpNumThreads: threads, interOpNumThreads: 1 };
  const session = await ort.InferenceSession.create(graph, options);
  const feeds = {
    [input]: new ort.Tensor('float32', new Float32Array(rows * width).fill(0.3), [rows, width]),
  };
  const times: number[] = [];
  for (let warm = 0; warm < 20; warm++) await session.run(feeds);
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
    const begun = performance.now();
    await session.run(feeds);
    times.push(performance.now() - begun);
  }
  await session.release();
  return times;
}

process.on('message', async (task) => process.send?.(await measure(task as RawTask)));
process.on('disconnect', () => process.exit(0));
