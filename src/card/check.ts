import type { Manifest } from '../inference/manifest.ts';
import { type Condition, ConditionError, evaluate, type Operand, parseCondition } from './conditions.ts';
import type { CardFile, ServiceFile } from './package.ts';
import { textNames } from './placeholders.ts';
import { checkTemplate, type Names, parseTemplate, renderTemplate, TemplateError } from './template.ts';
import type { Variable } from './variables.ts';

/** What is wrong with a package: which file, which field, which rule. */
export interface Problem {
  readonly file: 'service.json' | 'card.json';
  readonly field: string;
  readonly rule: string;
}

type Variables = ReadonlyMap<string, Variable>;

/** Everything in the two files that refers to something else, or to what their schemas cannot say. */
export function checkPackage(
  service: ServiceFile,
  card: CardFile,
  variables: readonly (readonly [string, Variable])[],
  manifests: readonly Manifest[],
): readonly Problem[] {
  const byName = new Map(variables);
  return [
    ...clashes(variables),
    ...checkThresholds(service, byName),
    ...checkExplained(service, manifests),
    ...checkConditions(service, card, byName),
    ...checkTexts(card, variables),
    ...checkReferences(card),
  ];
}

const inService = (field: string, rule: string): Problem => ({ file: 'service.json', field, rule });
const inCard = (field: string, rule: string): Problem => ({ file: 'card.json', field, rule });

function clashes(variables: readonly (readonly [string, Variable])[]): readonly Problem[] {
  const names = variables.map(([name]) => name);
  return variables
    .filter(([name, { of }], at) => of === 'threshold' && names.indexOf(name) !== at)
    .map(([name]) => inService(`thresholds.${name}`, 'is already the name of a value or an output'));
}

/** A threshold belongs to one output of one model, or to one clinical value, in the same unit. */
function checkThresholds({ thresholds }: ServiceFile, variables: Variables): readonly Problem[] {
  return Object.entries(thresholds).flatMap(([name, { appliesTo, unit }]) => {
    const subject = variables.get(appliesTo);
    const field = `thresholds.${name}`;
    if (subject === undefined || subject.of === 'threshold' || subject.type !== 'number') {
      return [
        inService(`${field}.appliesTo`, `%${appliesTo} is not a number of the vocabulary or of the models`),
      ];
    }
    return subject.unit === unit
      ? []
      : [inService(`${field}.unit`, `%${appliesTo} is in ${subject.unit}, not in ${unit}`)];
  });
}

function checkExplained({ explain }: ServiceFile, manifests: readonly Manifest[]): readonly Problem[] {
  if (explain === undefined) return [];
  const manifest = manifests.find(({ id }) => id === explain.model);
  if (manifest === undefined) return [inService('explain.model', `${explain.model} is not among models`)];
  if (manifest.explain === undefined)
    return [inService('explain.model', `${explain.model} says nothing of how it is explained`)];
  const output = manifest.outputs.find(({ name }) => name === explain.output);
  return output?.kind === 'probability'
    ? []
    : [inService('explain.output', `${explain.model} has no probability ${explain.output}`)];
}

function checkConditions(service: ServiceFile, card: CardFile, variables: Variables): readonly Problem[] {
  const exclusions = service.exclusions.flatMap(({ when }, at) =>
    conditionRules(when, variables, true).map((rule) => inService(`exclusions.${at}.when`, rule)),
  );
  const cards = card.cards.flatMap(({ id, when }) =>
    conditionRules(when, variables, false).map((rule) => inCard(`cards.${id}.when`, rule)),
  );
  return [...exclusions, ...cards];
}

function conditionRules(text: string, variables: Variables, exclusion: boolean): readonly string[] {
  try {
    const condition = parseCondition(text);
    const unknown = condition.names.filter((name) => !variables.has(name));
    if (unknown.length > 0)
      return unknown.map((name) => `%${name} is not a known value, output or threshold`);
    if (exclusion && condition.guarded.length > 0)
      return [
        'an exclusion that rests on a missing value is undetermined: exists() and empty() would hide that',
      ];
    const mixed = condition.comparisons.flatMap(({ left, right, text: said }) =>
      comparisonRule(left, right, said, variables),
    );
    return mixed.length > 0 ? mixed : dryRun(condition, variables);
  } catch (thrown) {
    if (thrown instanceof ConditionError) return [thrown.message];
    throw thrown;
  }
}

/** A number is compared with a threshold that was made for it: no bare number, no other outcome's threshold. */
function comparisonRule(
  left: Operand,
  right: Operand,
  said: string,
  variables: Variables,
): readonly string[] {
  const [one, other] = [sideOf(left, variables), sideOf(right, variables)];
  if (one.type !== other.type) return [`${said} compares a ${one.type} with a ${other.type}`];
  if (one.type !== 'number') return [];
  const [threshold, subject] = one.appliesTo === undefined ? [other, one] : [one, other];
  if (threshold.appliesTo === undefined) return [`${said} needs a named threshold`];
  return threshold.appliesTo === subject.name
    ? []
    : [`${said}: %${threshold.name} applies to %${threshold.appliesTo} only`];
}

interface Side {
  readonly name?: string;
  readonly type: string;
  readonly appliesTo?: string;
}

function sideOf(operand: Operand, variables: Variables): Side {
  if ('literal' in operand) return { type: typeof operand.literal };
  const variable = variables.get(operand.name);
  return {
    name: operand.name,
    type: variable?.type ?? 'nothing',
    ...(variable?.of === 'threshold' ? { appliesTo: variable.appliesTo } : {}),
  };
}

const samples = { number: 1, boolean: true, string: 'word' } as const;

/** Run once with something for every name: a number where a truth value must stand shows here, not at 3 a.m. */
function dryRun(condition: Condition, variables: Variables): readonly string[] {
  const bindings = new Map(
    condition.names.map((name) => [name, samples[variables.get(name)?.type ?? 'string']]),
  );
  try {
    evaluate(condition, bindings);
    return [];
  } catch {
    return ['is not true or false'];
  }
}

/** A2: the summary stays under 140 characters even when every placeholder is this wide. */
const widestWord = 'x'.repeat(24);

function checkTexts(card: CardFile, variables: readonly (readonly [string, Variable])[]): readonly Problem[] {
  const words = Object.fromEntries(variables.map(([name]) => [name, 'word' as const]));
  const detail = templateRules(card.detail.join('\n'), textNames(variables));
  return [
    ...detail.map((rule) => inCard('detail', rule)),
    ...card.cards.flatMap(({ id, summary, recommendation }) => [
      ...summaryRules(summary, words).map((rule) => inCard(`cards.${id}.summary`, rule)),
      ...templateRules(recommendation, words).map((rule) => inCard(`cards.${id}.recommendation`, rule)),
    ]),
  ];
}

function summaryRules(summary: string, words: Names): readonly string[] {
  const rules = templateRules(summary, words);
  if (rules.length > 0) return rules;
  const widest = renderTemplate(parseTemplate(summary), {}, () => widestWord);
  return widest.length < 140 ? [] : ['could reach 140 characters'];
}

function templateRules(text: string, known: Names): readonly string[] {
  try {
    checkTemplate(parseTemplate(text), known);
    return [];
  } catch (thrown) {
    if (thrown instanceof TemplateError) return [thrown.message];
    throw thrown;
  }
}

function checkReferences({ cards, suggestions, overrideReasons }: CardFile): readonly Problem[] {
  const unknown = cards.flatMap(({ id, suggestions: named }) =>
    named
      .filter((name) => suggestions[name] === undefined)
      .map((name) => inCard(`cards.${id}.suggestions`, `${name} is not among suggestions`)),
  );
  return [
    ...unknown,
    ...twice(cards.map(({ id }) => id)).map((id) => inCard('cards', `${id} is given twice`)),
    ...twice(overrideReasons.map(({ code }) => code)).map((code) =>
      inCard('overrideReasons', `${code} is given twice`),
    ),
  ];
}

const twice = (words: readonly string[]): readonly string[] =>
  words.filter((word, at) => words.indexOf(word) !== at);
