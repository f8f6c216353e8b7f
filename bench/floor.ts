/**
 * The least that the same answer can cost on this machine: bare node:http, JSON.parse, the same ONNX calls in this
 * process (one row of each model, then the explanation's batch), one durable insert of a record of the same size, an answer of the
 * same size. It checks nothing, extracts nothing, encrypts nothing and isolates nothing.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { companionOf, explainOf, type Manifest, type ManifestInput } from '../src/inference/manifest.ts';
import type { Work } from './server.ts';

process.env.ORT_DISABLE_TELEMETRY = '1';
const ort = await import('onnxruntime-node');

const work = JSON.parse(process.argv[2] ?? '{}') as Work;

async function load(id: string) {
  const file = (name: string): string => fileURLToPath(new URL(`../models/${id}/${name}`, import.meta.url));
  const manifest = JSON.parse(readFileSync(file('manifest.json'), 'utf8')) as Manifest;
  const session = await ort.InferenceSession.create(file('1/model.onnx'), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 4,
  });
  return { manifest, session };
}

const [explained, ...others] = await Promise.all(work.models.map(load));
if (explained === undefined) throw new Error('no model is asked');
const { baseline } = explainOf(explained.manifest);

/** The reference person of the manifest, as a code; what is missing there takes the manifest's fill, or what is valid. */
function codeOf(input: ManifestInput): number {
  if (input.kind === 'control') return input.absent;
  const value = baseline.inputs[input.name] ?? null;
  if (value === null) return companionOf(input)?.fill ?? (input.kind === 'number' ? input.valid.max : 0);
  return typeof value === 'number' ? value : value === true ? 1 : 0;
}

type Loaded = Awaited<ReturnType<typeof load>>;

function run({ manifest, session }: Loaded, rows: number, fetches: readonly string[] = session.outputNames) {
  const column = (code: number) => new ort.Tensor('float64', new Float64Array(rows).fill(code), [rows]);
  const feeds = manifest.inputs.flatMap((input) => {
    const companion = companionOf(input);
    const own = [input.tensor, column(codeOf(input))] as const;
    const missing = baseline.inputs[input.name] == null ? 1 : 0;
    return companion === undefined ? [own] : [own, [companion.tensor, column(missing)] as const];
  });
  return session.run(Object.fromEntries(feeds), fetches);
}

const folder = mkdtempSync(join(tmpdir(), 'auscult-floor-'));
const database = new DatabaseSync(join(folder, 'floor.sqlite'));
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
database.exec('CREATE TABLE record (id INTEGER PRIMARY KEY, document BLOB NOT NULL) STRICT');
const insert = database.prepare('INSERT INTO record (document) VALUES (?)');
const document = randomBytes(work.recordBytes);
const answer = JSON.stringify({ cards: 'x'.repeat(Math.max(0, work.answerBytes - 12)) });

async function bodyOf(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const server = createServer(async (req, res) => {
  await bodyOf(req);
  for (const model of [explained, ...others]) await run(model, 1);
  await run(explained, work.rows, [work.output]);
  insert.run(document);
  res.writeHead(200, { 'content-type': 'application/json' }).end(answer);
});

process.on('disconnect', () => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
