import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HookName } from 'cds-hooks-types';
import type { z } from 'zod';
import { deepestIssue } from '../features/issue.ts';
import { type ChartList, listsFor, type Need } from '../features/lists.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { FindingKind } from '../findings/finding.ts';
import { listsOf } from '../findings/findings.ts';
import type { Manifest } from '../inference/manifest.ts';
import { checkPackage, type Problem } from './check.ts';
import { type Condition, parseCondition } from './conditions.ts';
import { needsOfPackage, placeholdersOf } from './needs.ts';
import {
  type CardFile,
  type CardTemplate,
  type ClinicalReview,
  cardFile,
  type ServiceFile,
  type SuggestionTemplate,
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
  /** Kinds of findings to look for among the draft orders. */
  readonly findings: readonly FindingKind[];
  readonly explain?: { readonly model: string; readonly output: string };
  readonly trend?: Trend;
  /** Clinical values the package uses, in the vocabulary's order; `required`: it cannot decide without. */
  readonly needed: readonly Need[];
  /** The chart lists they come from, which are the prefetch templates. */
  readonly lists: readonly ChartList[];
  readonly thresholds: Readonly<Record<string, Threshold>>;
  readonly exclusions: readonly Exclusion[];
  readonly cards: readonly CardRule[];
  /** What every card of the package shares. */
  readonly shared: Pick<CardFile, 'appLink' | 'overrideReasons'> & {
    readonly suggestions: Readonly<Record<string, SuggestionRule>>;
    readonly lists: Readonly<Record<string, readonly Line[]>>;
    /** Every placeholder of the package's texts. */
    readonly named: ReadonlySet<string>;
  };
  /** Not part of `all-<hook>` until the site signs it on. */
  readonly optIn?: true;
  readonly clinicalReview: ClinicalReview;
  readonly owner: string;
  readonly reviewBy: string;
}

/** One output of one model, also as it was that long ago. */
export type Trend = NonNullable<ServiceFile['trend']>;

export interface Exclusion {
  /** Becomes the decision's reason. */
  readonly reason: string;
  readonly when: Condition;
}

interface Worded {
  readonly id: string;
  readonly summary: Template;
  /** Inserted into the detail as {{recommendation}}. */
  readonly recommendation: Template;
  readonly detail: Template;
  readonly source: CardFile['source'];
}

export interface ConditionCard extends Worded {
  readonly kind: 'condition';
  /** Of cards for one problem the first that holds is shown. */
  readonly problem: string;
  readonly when: Condition;
  readonly indicator: 'info' | 'warning' | 'critical';
  readonly suggestions: readonly string[];
  readonly selectionBehavior: 'at-most-one' | 'any';
}

/** One card for each finding of a kind. */
export interface FindingCard extends Worded {
  readonly kind: 'finding';
  readonly forEach: FindingKind;
}

export type CardRule = ConditionCard | FindingCard;

/** Offered only where its condition holds. */
export type SuggestionRule = Unconditional<SuggestionTemplate> & { readonly when?: Condition };
type Unconditional<Template> = Template extends unknown ? Omit<Template, 'when'> : never;

/** The first alternative that holds is written. */
export type Line = readonly {
  readonly when: Condition;
  readonly text: Template;
  readonly unknown?: Template;
}[];

/** Which file of a package breaks which rule, in which field. */
export interface PackageProblem {
  readonly file: string;
  readonly field: string;
  readonly rule: string;
}

/** A card package breaks a rule: the start stops. One line per problem: file, field, rule. */
export class PackageError extends Error {
  override name = 'PackageError';
  readonly problems: readonly PackageProblem[];

  constructor(problems: readonly PackageProblem[], options?: ErrorOptions) {
    super(problems.map(({ file, field, rule }) => `${file}: ${field}: ${rule}`).join('\n'), options);
    this.problems = problems;
  }
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
  // A link is how a mounted volume holds a folder.
  const entries = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'),
  );
  return entries
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
  const variables = variablesOf(vocabulary, used, service);
  const problems: readonly Problem[] = [
    ...unknown.map((id) => ({
      file: 'service.json' as const,
      field: 'models',
      rule: `there is no model ${id}`,
    })),
    ...(unknown.length > 0 ? [] : checkPackage(service, card, variables, used)),
  ];
  if (problems.length > 0) {
    throw new PackageError(problems.map((problem) => ({ ...problem, file: join(at, problem.file) })));
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
  const { appLink, overrideReasons } = card;
  const parts = {
    exclusions,
    cards: card.cards.map((template) => cardRule(template, name, card)),
    shared: {
      appLink,
      overrideReasons,
      suggestions: mapValues(card.suggestions, suggestionRule),
      lists: mapValues(card.lists, (lines) => lines.map(parseLine)),
      named: placeholdersOf(card),
    },
  };
  const needed = needsOfPackage({ ...service, ...parts }, vocabulary, manifests);
  return {
    ...service,
    ...parts,
    id: service.hooks.length === 1 ? name : `${name}-${hook}`,
    package: name,
    hook,
    needed,
    lists: listsFor(vocabulary, needed, listsOf(service.findings)),
  };
}

function cardRule(template: CardTemplate, name: string, card: CardFile): CardRule {
  const worded = {
    id: template.id,
    summary: parseTemplate(template.summary),
    recommendation: parseTemplate(template.recommendation),
    detail: parseTemplate((template.detail ?? card.detail).join('\n')),
    source: template.source ?? card.source,
  };
  if (template.kind === 'finding') return { ...worded, kind: 'finding', forEach: template.forEach };
  const { problem = name, indicator, suggestions, selectionBehavior } = template;
  const when = parseCondition(template.when);
  return { ...worded, kind: 'condition', problem, when, indicator, suggestions, selectionBehavior };
}

const suggestionRule = ({ when, ...rest }: SuggestionTemplate): SuggestionRule =>
  when === undefined ? rest : { ...rest, when: parseCondition(when) };

const parseLine = (alternatives: CardFile['lists'][string][number]): Line =>
  alternatives.map(({ when, text, unknown }) => ({
    when: parseCondition(when),
    text: parseTemplate(text),
    ...(unknown === undefined ? {} : { unknown: parseTemplate(unknown) }),
  }));

const mapValues = <In, Out>(record: Readonly<Record<string, In>>, change: (value: In) => Out) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

function parse<Schema extends z.ZodType>(schema: Schema, file: string, content: unknown): z.output<Schema> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const { path, message } = deepestIssue([issue]);
    return { file, field: path.join('.') || '(file)', rule: message };
  });
  throw new PackageError(problems);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    throw new PackageError([{ file, field: '(file)', rule: 'is not readable as JSON' }], { cause: thrown });
  }
}
