import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { loadVocabulary, type Vocabulary } from '../features/vocabulary.ts';
import { type Manifest, manifestSchema } from '../inference/manifest.ts';
import { ModelPackageError, readPackage } from '../inference/package.ts';
import { openRegistry } from '../inference/registry.ts';
import { packaged } from '../packaged.ts';
import { counted, hinted, keysOf, type Problem, type Report } from './validate-report.ts';

/** A model package: grammar, seal, vocabulary, and every parity vector through the runner. */
export async function validateModel(folder: string): Promise<Report> {
  const what = 'model package';
  const file = join(folder, 'manifest.json');
  const read = manifestOf(file);
  if ('problems' in read) return { what, problems: read.problems, checked: [] };
  const { manifest } = read;
  const vocabulary = loadVocabulary(packaged('vocabulary'));
  const named = inputProblems(manifest, vocabulary).map((each) => ({ file, ...each }));
  const known = [...vocabulary.entries.keys()];
  const problems = [...named.map((each) => hinted(each, known)), ...(await runProblems(folder, manifest))];
  if (problems.length > 0) return { what, problems, checked: [] };
  const { parity } = await readPackage(folder);
  return {
    what,
    problems,
    checked: [
      `manifest: ${counted(manifest.inputs.length, 'input')}, ${counted(manifest.outputs.length, 'output')}, each value in the vocabulary's unit`,
      `seal: ${manifest.digest}`,
      `parity: ${counted(parity.length, 'vector')} reproduced through the runner`,
    ],
  };
}

function manifestOf(
  file: string,
): { readonly manifest: Manifest } | { readonly problems: readonly Problem[] } {
  const content = jsonOf(file);
  if ('rule' in content) return { problems: [content] };
  const parsed = manifestSchema.safeParse(content.json);
  if (parsed.success) return { manifest: parsed.data };
  const known = keysOf(manifestSchema);
  return {
    problems: parsed.error.issues.map(({ path, message }) =>
      hinted(
        { file, field: path.join('.') || '(file)', rule: message },
        known,
        'models/manifest.schema.json says what may stand there',
      ),
    ),
  };
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
async function runProblems(folder: string, { id }: Manifest): Promise<readonly Problem[]> {
  const alone = mkdtempSync(join(tmpdir(), 'auscult-validate-'));
  try {
    await readPackage(folder);
    cpSync(folder, join(alone, basename(folder)), { recursive: true });
    await (await openRegistry(alone)).close();
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ModelPackageError)) throw thrown;
    const { file, field, rule } = thrown;
    const sealed = field === 'digest' || field === 'parity';
    const hint = sealed ? `after a reviewed change: npm run seal ${id}` : 'CONTRIBUTING.md, "Add a model"';
    return [
      {
        file: join(folder, file.replace(`models/${basename(folder)}/`, '')),
        field: field || '(file)',
        rule,
        hint,
      },
    ];
  } finally {
    rmSync(alone, { recursive: true });
  }
}
