import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { modelFolders } from '../assemble.ts';
import { type CardFile, cardFile, serviceFile } from '../card/package.ts';
import { buildServices, PackageError, type Service } from '../card/service.ts';
import { variablesOf } from '../card/variables.ts';
import { type Case, caseFile } from '../cases/case.ts';
import { caseFaults } from '../cases/run.ts';
import { loadVocabulary, type Vocabulary } from '../features/vocabulary.ts';
import { defaultProfile, loadProfiles, profileOf } from '../hooks/profile.ts';
import type { Manifest } from '../inference/manifest.ts';
import { packageFolders, packageKind, readPackage } from '../inference/package.ts';
import { openRegistry } from '../inference/registry.ts';
import { packaged } from '../packaged.ts';
import { counted, hinted, keysOf, type Problem, type Report } from './validate-report.ts';

const what = 'card package';
const howTo = 'CONTRIBUTING.md, "Add a card"';

/** A card package: both files, everything they name, and its cases through the real models. */
export async function validateCard(folder: string): Promise<Report> {
  const vocabulary = loadVocabulary(packaged('vocabulary'));
  const manifests = await knownManifests();
  const files = { service: read(join(folder, 'service.json')), card: read(join(folder, 'card.json')) };
  const unread = [files.service, files.card].flatMap((each) => ('rule' in each ? [each] : []));
  if ('rule' in files.service || 'rule' in files.card) return { what, problems: unread, checked: [] };
  const [service, card] = [files.service.json, files.card.json];
  const built = build(folder, { service, card }, vocabulary, manifests);
  if ('problems' in built) return { what, problems: built.problems, checked: [] };
  const cases = casesOf(folder);
  const drugs = drugProblems(folder, cardFile.parse(card), vocabulary);
  const found = [...drugs, ...cases.problems, ...(await replay(built.services, cases.read, vocabulary))];
  return {
    what,
    problems: found,
    checked: found.length > 0 ? [] : summary(built.services, card, cases.read),
  };
}

/** The shipped models and the site's own. */
const folders = (): readonly string[] => [packaged('models'), ...modelFolders(process.env.MODELS)];

/** Of the clinical models: no card stands on a network. */
async function knownManifests(): Promise<ReadonlyMap<string, Manifest>> {
  const all = (await Promise.all(folders().map(packageFolders))).flat();
  const kinds = await Promise.all(all.map(packageKind));
  const packages = await Promise.all(all.filter((_, at) => kinds[at] === 'model').map(readPackage));
  return new Map(packages.map(({ manifest }) => [manifest.id, manifest]));
}

function read(file: string): { readonly json: unknown } | Problem {
  if (!existsSync(file)) return { file, field: '(file)', rule: 'is missing', hint: howTo };
  try {
    return { json: JSON.parse(readFileSync(file, 'utf8')) };
  } catch (thrown) {
    const hint = thrown instanceof Error ? thrown.message : howTo;
    return { file, field: '(file)', rule: 'is not readable as JSON', hint };
  }
}

function build(
  folder: string,
  files: { readonly service: unknown; readonly card: unknown },
  vocabulary: Vocabulary,
  manifests: ReadonlyMap<string, Manifest>,
): { readonly services: readonly Service[] } | { readonly problems: readonly Problem[] } {
  try {
    return { services: buildServices(folder, basename(folder), files, vocabulary, manifests) };
  } catch (thrown) {
    if (!(thrown instanceof PackageError)) throw thrown;
    const known = knownNames(files, vocabulary, manifests);
    return { problems: thrown.problems.map((problem) => hinted(problem, known, howTo)) };
  }
}

/** What could have stood where an unknown name stands. */
function knownNames(
  { service, card }: { readonly service: unknown; readonly card: unknown },
  vocabulary: Vocabulary,
  manifests: ReadonlyMap<string, Manifest>,
): readonly string[] {
  const [read, texts] = [serviceFile.safeParse(service), cardFile.safeParse(card)];
  const used = read.success ? read.data.models.flatMap((id) => manifests.get(id) ?? []) : [];
  const variables = read.success ? variablesOf(vocabulary, used, read.data) : [];
  return [
    ...variables.map(([name]) => name),
    ...manifests.keys(),
    ...(texts.success ? [...Object.keys(texts.data.suggestions), ...Object.keys(texts.data.lists)] : []),
    ...keysOf(serviceFile),
    ...keysOf(cardFile),
  ];
}

/** Proposed drugs are known by their code. */
function drugProblems(folder: string, { suggestions }: CardFile, { drugs }: Vocabulary): readonly Problem[] {
  return Object.entries(suggestions).flatMap(([id, suggestion]) => {
    if (!('medication' in suggestion) || drugs.ingredients(suggestion.medication.code) !== undefined)
      return [];
    const field = `suggestions.${id}.medication.code`;
    const rule = `${suggestion.medication.code} is not an RxNorm code of vocabulary/drugs.tsv`;
    return [{ file: join(folder, 'card.json'), field, rule, hint: 'take the code of a clinical drug (SCD)' }];
  });
}

interface Cases {
  readonly read: readonly { readonly file: string; readonly one: Case }[];
  readonly problems: readonly Problem[];
}

function casesOf(folder: string): Cases {
  const at = join(folder, 'cases');
  const files = existsSync(at) ? readdirSync(at).filter((file) => file.endsWith('.json')) : [];
  if (files.length === 0)
    return { read: [], problems: [{ file: at, field: '(folder)', rule: 'holds no case', hint: howTo }] };
  const all = files.sort().map((name): Cases => {
    const file = join(at, name);
    const content = read(file);
    if ('rule' in content) return { read: [], problems: [content] };
    const parsed = caseFile.safeParse(content.json);
    if (parsed.success) return { read: [{ file, one: parsed.data }], problems: [] };
    const problems = parsed.error.issues.map(({ path, message }) => ({
      file,
      field: path.join('.') || '(file)',
      rule: message,
    }));
    return { read: [], problems: problems.map((each) => hinted(each, keysOf(caseFile), howTo)) };
  });
  return { read: all.flatMap((each) => each.read), problems: all.flatMap(({ problems }) => problems) };
}

/** Every case against every service of the package, through the models themselves. */
async function replay(
  services: readonly Service[],
  cases: Cases['read'],
  vocabulary: Vocabulary,
): Promise<readonly Problem[]> {
  if (cases.length === 0) return [];
  const models = await openRegistry(folders());
  const profile = profileOf(loadProfiles(packaged('clients')), defaultProfile);
  const problems: Problem[] = [];
  try {
    for (const { file, one } of cases) {
      for (const service of services) {
        const faults = await caseFaults(one, service, { vocabulary, models, profile }).catch(said);
        problems.push(
          ...faults.map((rule) => hinted({ file, field: 'expect', rule }, neededBy(services), howTo)),
        );
      }
    }
    return problems;
  } finally {
    await models.close();
  }
}

/** A case that names what there is not cannot be run at all. */
const said = (thrown: unknown): readonly string[] => [
  thrown instanceof Error ? thrown.message : String(thrown),
];

const neededBy = (services: readonly Service[]): readonly string[] =>
  services.flatMap(({ needed }) => needed.map(({ name }) => name));

function summary(services: readonly Service[], card: unknown, cases: Cases['read']): readonly string[] {
  const [service] = services;
  const parsed = cardFile.parse(card);
  if (service === undefined) return [];
  const lines = Object.values(service.shared.lists).flat(2);
  const proposed = Object.values(service.shared.suggestions);
  const conditional = [...service.cards, ...proposed].filter(
    (each) => 'when' in each && each.when !== undefined,
  );
  const conditions = service.exclusions.length + conditional.length + lines.length;
  const texts = parsed.cards.length * 3 + lines.length;
  return [
    `${services.map(({ id, hook }) => `${id} on ${hook}`).join(', ')}; ${counted(service.needed.length, 'clinical value')}`,
    `${counted(conditions, 'condition')} parsed, ${counted(texts, 'text')}, ${counted(Object.keys(service.thresholds).length, 'threshold')} in the unit of what they apply to`,
    `${counted(proposed.length, 'suggestion')}: every drug is in the drug index`,
    `${counted(cases.length, 'case')} replayed through the models`,
  ];
}
