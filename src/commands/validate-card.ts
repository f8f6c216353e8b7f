import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { modelFolders } from '../assemble.ts';
import { type CardFile, cardFile, serviceFile } from '../card/package.ts';
import { buildServices, PackageError, type Service } from '../card/service.ts';
import { variablesOf } from '../card/variables.ts';
import { caseFile } from '../cases/case.ts';
import { type PackageCases, readCases, replayCases } from '../cases/package-cases.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import { defaultProfile, loadProfiles, profileOf } from '../hooks/profile.ts';
import type { Manifest } from '../inference/manifest.ts';
import { packageFolders, packageKind, readPackage } from '../inference/package.ts';
import { openRegistry } from '../inference/registry.ts';
import { packaged } from '../packaged.ts';
import { readSettings } from '../settings.ts';
import { openVocabulary } from '../site-vocabulary.ts';
import { counted, hinted, keysOf, type Problem, type Report } from './validate-report.ts';

const what = 'card package';
const howTo = 'CONTRIBUTING.md, "Add a card"';

/** A card package: both files, everything they name, and its cases through the real models. */
export async function validateCard(folder: string): Promise<Report> {
  const { VOCABULARY } = readSettings(process.env, 'start');
  const vocabulary = await openVocabulary(packaged('vocabulary'), { VOCABULARY });
  const manifests = await knownManifests();
  const files = { service: read(join(folder, 'service.json')), card: read(join(folder, 'card.json')) };
  const unread = [files.service, files.card].flatMap((each) => ('rule' in each ? [each] : []));
  if ('rule' in files.service || 'rule' in files.card) return { what, problems: unread, checked: [] };
  const [service, card] = [files.service.json, files.card.json];
  const built = build(folder, { service, card }, vocabulary, manifests);
  if ('problems' in built) return { what, problems: built.problems, checked: [] };
  const cases = readCases(folder);
  const drugs = drugProblems(folder, cardFile.parse(card), vocabulary);
  const unreadable = cases.problems.map((problem) =>
    problem.hint === undefined ? hinted(problem, keysOf(caseFile), howTo) : problem,
  );
  const found = [...drugs, ...unreadable, ...(await replay(built.services, cases.read, vocabulary))];
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

/** The cases through the models themselves. */
async function replay(
  services: readonly Service[],
  cases: PackageCases['read'],
  vocabulary: Vocabulary,
): Promise<readonly Problem[]> {
  if (cases.length === 0) return [];
  const models = await openRegistry(folders());
  const profile = profileOf(loadProfiles(packaged('clients')), defaultProfile);
  try {
    const departures = await replayCases(services, cases, { vocabulary, models, profile });
    return departures.map((problem) => hinted(problem, neededBy(services), howTo));
  } finally {
    await models.close();
  }
}

const neededBy = (services: readonly Service[]): readonly string[] =>
  services.flatMap(({ needed }) => needed.map(({ name }) => name));

function summary(
  services: readonly Service[],
  card: unknown,
  cases: PackageCases['read'],
): readonly string[] {
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
