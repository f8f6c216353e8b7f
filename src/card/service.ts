import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HookName } from 'cds-hooks-types';
import type { z } from 'zod';
import { type ChartList, listsFor, type Need } from '../features/lists.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Manifest } from '../inference/manifest.ts';
import { checkPackage, type Problem } from './check.ts';
import { type Condition, parseCondition } from './conditions.ts';
import {
  type CardFile,
  type ClinicalReview,
  cardFile,
  type ServiceFile,
  serviceFile,
  type Threshold,
} from './package.ts';
import { parseTemplate, type Template } from './template.ts';
import { variablesOf } from './variables.ts';

/** A card package on one hook, read and checked once at the start. */
export interface Service {
  /** CDS service id: the folder's name, or `<folder>-<hook>` where the package has several hooks. */
  readonly id: string;
  /** The folder's name: what a site signs on. */
  readonly package: string;
  readonly hook: HookName;
  readonly title: string;
  readonly description: string;
  /** Ids of the models to run. */
  readonly models: readonly string[];
  readonly explain?: { readonly model: string; readonly output: string };
  /** Clinical values the package uses, in the vocabulary's order; `required`: it cannot decide without. */
  readonly needed: readonly Need[];
  /** The chart lists they come from, which are the prefetch templates. */
  readonly lists: readonly ChartList[];
  readonly thresholds: Readonly<Record<string, Threshold>>;
  readonly exclusions: readonly Exclusion[];
  readonly cards: readonly CardRule[];
  /** What every card of the package shares. */
  readonly shared: Pick<CardFile, 'source' | 'appLink' | 'overrideReasons' | 'suggestions'> & {
    readonly detail: Template;
  };
  readonly clinicalReview: ClinicalReview;
  readonly owner: string;
  readonly reviewBy: string;
}

export interface Exclusion {
  /** Becomes the decision's reason. */
  readonly reason: string;
  readonly when: Condition;
}

export interface CardRule extends Omit<CardFile['cards'][number], 'when' | 'summary' | 'recommendation'> {
  readonly when: Condition;
  readonly summary: Template;
  /** Inserted into the detail as {{recommendation}}. */
  readonly recommendation: Template;
}

/** A card package breaks a rule: the start stops. One line per problem: file, field, rule. */
export class PackageError extends Error {
  override name = 'PackageError';
}

/**
 * Every package of a folder.
 * @param folder `cards/`
 * @param manifests by model id
 * @throws PackageError
 */
export function loadServices(
  folder: string,
  vocabulary: Vocabulary,
  manifests: ReadonlyMap<string, Manifest>,
): readonly Service[] {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => {
      const at = join(folder, name);
      const files = { service: readJson(join(at, 'service.json')), card: readJson(join(at, 'card.json')) };
      return buildServices(at, name, files, vocabulary, manifests);
    });
}

/**
 * One package, one service per hook.
 * @param at the folder as messages name it
 * @throws PackageError
 */
export function buildServices(
  at: string,
  name: string,
  files: { readonly service: unknown; readonly card: unknown },
  vocabulary: Vocabulary,
  manifests: ReadonlyMap<string, Manifest>,
): readonly Service[] {
  const service = parse(serviceFile, join(at, 'service.json'), files.service);
  const card = parse(cardFile, join(at, 'card.json'), files.card);
  const used = service.models.flatMap((id) => manifests.get(id) ?? []);
  const unknown = service.models.filter((id) => !manifests.has(id));
  const variables = variablesOf(vocabulary, used, service.thresholds);
  const problems: readonly Problem[] = [
    ...unknown.map((id) => ({
      file: 'service.json' as const,
      field: 'models',
      rule: `there is no model ${id}`,
    })),
    ...(unknown.length > 0 ? [] : checkPackage(service, card, variables, used)),
  ];
  if (problems.length > 0) {
    throw new PackageError(
      problems.map(({ file, field, rule }) => `${join(at, file)}: ${field}: ${rule}`).join('\n'),
    );
  }
  return service.hooks.map((hook) => assemble(name, hook, service, card, vocabulary, used));
}

function assemble(
  name: string,
  hook: HookName,
  service: ServiceFile,
  card: CardFile,
  vocabulary: Vocabulary,
  manifests: readonly Manifest[],
): Service {
  const exclusions = service.exclusions.map(({ reason, when }) => ({ reason, when: parseCondition(when) }));
  const cards = card.cards.map((rule) => ({
    ...rule,
    when: parseCondition(rule.when),
    summary: parseTemplate(rule.summary),
    recommendation: parseTemplate(rule.recommendation),
  }));
  const conditions = [...exclusions, ...cards].map(({ when }) => when);
  const { source, appLink, overrideReasons, suggestions } = card;
  const needed = needs(vocabulary, manifests, conditions, card);
  return {
    ...service,
    id: service.hooks.length === 1 ? name : `${name}-${hook}`,
    package: name,
    hook,
    needed,
    lists: listsFor(vocabulary, needed),
    exclusions,
    cards,
    shared: { source, appLink, overrideReasons, suggestions, detail: parseTemplate(card.detail.join('\n')) },
  };
}

/**
 * Required: inputs a model abstains without, and values a condition uses without guarding them. Optional: other
 * inputs, guarded values, and values that only a text names.
 */
function needs(
  vocabulary: Vocabulary,
  manifests: readonly Manifest[],
  conditions: readonly Condition[],
  card: CardFile,
): readonly Need[] {
  const inputs = manifests.flatMap((manifest) => manifest.inputs).filter((input) => input.kind !== 'control');
  const required = new Set([
    ...inputs.filter(({ ifMissing }) => ifMissing === 'abstain').map(({ value }) => value),
    ...conditions.flatMap(({ names, guarded }) => names.filter((name) => !guarded.includes(name))),
  ]);
  const texts = [
    ...card.detail,
    ...card.cards.flatMap(({ summary, recommendation }) => [summary, recommendation]),
  ].join('\n');
  const optional = new Set([
    ...inputs.map(({ value }) => value),
    ...conditions.flatMap(({ names }) => names),
    ...[...texts.matchAll(/\{\{(\w+)\}\}/g)].map(([, word = '']) => word),
  ]);
  return [...vocabulary.entries.keys()]
    .filter((name) => required.has(name) || optional.has(name))
    .map((name) => ({ name, required: required.has(name) }));
}

function parse<Schema extends z.ZodType>(schema: Schema, file: string, content: unknown): z.output<Schema> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    ({ path, message }) => `${file}: ${path.join('.') || '(file)'}: ${message}`,
  );
  throw new PackageError(lines.join('\n'));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    throw new PackageError(`${file}: (file): is not readable as JSON`, { cause: thrown });
  }
}
