import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { loadVocabulary, type Vocabulary } from '../features/vocabulary.ts';
import { type Manifest, manifestSchema } from '../inference/manifest.ts';
import { type NetworkManifest, networkManifestSchema } from '../inference/network-manifest.ts';
import { coveredFiles, readNetworkPackage } from '../inference/network-package.ts';
import { kindOf, ModelPackageError, readPackage } from '../inference/package.ts';
import { openRegistry } from '../inference/registry.ts';
import { packaged } from '../packaged.ts';
import { counted, hinted, keysOf, type Problem, type Report } from './validate-report.ts';

/** A model package or a network's: grammar, seal, vocabulary, and every parity vector through the runner. */
export async function validateModel(folder: string): Promise<Report> {
  const file = join(folder, 'manifest.json');
  const content = jsonOf(file);
  if ('rule' in content) return { what: 'model package', problems: [content], checked: [] };
  return kindOf(content.json) === 'network'
    ? reportOn(folder, content.json, network)
    : reportOn(folder, content.json, clinical);
}

interface Kind<M> {
  readonly what: string;
  readonly grammar: z.ZodType<M>;
  /** The published grammar. */
  readonly schema: string;
  /** What is wrong with a manifest that follows its grammar. */
  readonly problems: (manifest: M, file: string) => readonly Problem[];
  readonly checked: (manifest: M) => string;
  readonly read: (folder: string) => Promise<{ readonly parity: readonly unknown[] }>;
}

const clinical: Kind<Manifest> = {
  what: 'model package',
  grammar: manifestSchema,
  schema: 'models/manifest.schema.json',
  problems: (manifest, file) => {
    const vocabulary = loadVocabulary(packaged('vocabulary'));
    const known = [...vocabulary.entries.keys()];
    return inputProblems(manifest, vocabulary).map((each) => hinted({ file, ...each }, known));
  },
  checked: ({ inputs, outputs }) =>
    `manifest: ${counted(inputs.length, 'input')}, ${counted(outputs.length, 'output')}, each value in the vocabulary's unit`,
  read: readPackage,
};

const network: Kind<NetworkManifest> = {
  what: 'network package',
  grammar: networkManifestSchema,
  schema: 'models/network.schema.json',
  problems: () => [],
  checked: ({ inputs, outputs, explain, background, gradient }) => {
    const tensors = [counted(inputs.length, 'input tensor'), counted(outputs.length, 'output tensor')];
    const explained = explain === undefined ? [] : [`explained by ${explain.methods.join(', ')}`];
    const files = [background === undefined ? [] : 'background', gradient === undefined ? [] : 'gradient'];
    return `manifest: ${[...tensors, ...explained, ...files.flat()].join(', ')}`;
  },
  read: readNetworkPackage,
};

async function reportOn<M extends { readonly id: string; readonly digest: string }>(
  folder: string,
  json: unknown,
  { what, grammar, schema, problems: problemsOf, checked, read }: Kind<M>,
): Promise<Report> {
  const file = join(folder, 'manifest.json');
  const parsed = grammar.safeParse(json);
  if (!parsed.success)
    return { what, problems: grammarProblems(parsed.error, grammar, file, schema), checked: [] };
  const manifest = parsed.data;
  const problems = [...problemsOf(manifest, file), ...(await runProblems(folder, manifest.id, read))];
  if (problems.length > 0) return { what, problems, checked: [] };
  const { parity } = await read(folder);
  return {
    what,
    problems,
    checked: [
      checked(manifest),
      `seal: ${manifest.digest}`,
      `parity: ${counted(parity.length, 'vector')} reproduced through the runner`,
    ],
  };
}

function grammarProblems(
  { issues }: z.ZodError,
  grammar: z.ZodType,
  file: string,
  schema: string,
): readonly Problem[] {
  const known = keysOf(grammar);
  return issues.map(({ path, message }) =>
    hinted(
      { file, field: path.join('.') || '(file)', rule: message },
      known,
      `${schema} says what may stand there`,
    ),
  );
}

function jsonOf(file: string): { readonly json: unknown } | Problem {
  try {
    return { json: JSON.parse(readFileSync(file, 'utf8')) };
  } catch (thrown) {
    const hint = thrown instanceof Error ? thrown.message : 'JSON is needed';
    return { file, field: '(file)', rule: 'is not readable as JSON', hint };
  }
}

/** Inputs that the vocabulary cannot feed: no such value, or one in another unit. */
function inputProblems({ inputs }: Manifest, { entries }: Vocabulary): readonly Omit<Problem, 'file'>[] {
  return inputs.flatMap((input, at) => {
    if (input.kind === 'control') return [];
    const entry = entries.get(input.value);
    if (entry === undefined) {
      const rule = `"${input.value}" is not a value of the vocabulary`;
      return [{ field: `inputs.${at}.value`, rule }];
    }
    if (input.kind !== 'number' || entry.unit === input.unit) return [];
    return [
      {
        field: `inputs.${at}.unit`,
        rule: `${input.value} is in ${entry.unit ?? 'no unit'}, not in ${input.unit}`,
      },
    ];
  });
}

/** Seal and files, then a registry of this one package: it loads the graph and replays parity.jsonl. */
async function runProblems(
  folder: string,
  id: string,
  read: (folder: string) => Promise<unknown>,
): Promise<readonly Problem[]> {
  const alone = mkdtempSync(join(tmpdir(), 'auscult-validate-'));
  try {
    await read(folder);
    cpSync(folder, join(alone, basename(folder)), { recursive: true });
    await (await openRegistry(alone)).close();
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ModelPackageError)) throw thrown;
    const { file, field, rule } = thrown;
    const ours = `models/${basename(folder)}/`;
    const named = existsSync(packaged(ours)) ? id : folder;
    const hint = sealed.has(field) ? `after a reviewed change: npm run seal ${named}` : howTo;
    return [{ file: join(folder, file.replace(ours, '')), field: field || '(file)', rule, hint }];
  } finally {
    rmSync(alone, { recursive: true });
  }
}

/** Fields that the seal writes. */
const sealed: ReadonlySet<string> = new Set(['digest', 'parity', ...Object.keys(coveredFiles)]);
const howTo = 'CONTRIBUTING.md, "Add a model"';
