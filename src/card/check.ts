import type { Manifest } from '../inference/manifest.ts';
import { type Condition, ConditionError, evaluate, type Operand, parseCondition } from './conditions.ts';
import type { CardFile, ServiceFile } from './package.ts';
import { findingNames, textNames } from './placeholders.ts';
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
    ...checkTrend(service, manifests),
    ...checkFindings(service, card),
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

function checkTrend({ trend }: ServiceFile, manifests: readonly Manifest[]): readonly Problem[] {
  if (trend === undefined) return [];
  const output = manifests
    .find(({ id }) => id === trend.model)
    ?.outputs.find(({ name }) => name === trend.output);
  return output === undefined || output.kind === 'label'
    ? [inService('trend.output', `${trend.model} has no number ${trend.output}, or is not among models`)]
    : [];
}

/** A kind that is looked for has a card, and a card a kind that is looked for. */
function checkFindings({ findings }: ServiceFile, { cards }: CardFile): readonly Problem[] {
  const told = cards.flatMap((card) => (card.kind === 'finding' ? [card.forEach] : []));
  return [
    ...findings
      .filter((kind) => !told.includes(kind))
      .map((kind) => inService('findings', `no card is for each ${kind}`)),
    ...told
      .filter((kind) => !findings.includes(kind))
      .map((kind) => inCard('cards', `${kind} is not among the findings of service.json`)),
  ];
}

function checkConditions(service: ServiceFile, card: CardFile, variables: Variables): readonly Problem[] {
  const rulesOf = (when: string | undefined, problem: (rule: string) => Problem, exclusion = false) =>
    when === undefined ? [] : conditionRules(when, variables, exclusion).map(problem);
  return [
    ...service.exclusions.flatMap(({ when }, at) =>
      rulesOf(when, (rule) => inService(`exclusions.${at}.when`, rule), true),
    ),
    ...card.cards.flatMap((each) =>
      each.kind === 'finding' ? [] : rulesOf(each.when, (rule) => inCard(`cards.${each.id}.when`, rule)),
    ),
    ...Object.entries(card.suggestions).flatMap(([id, { when }]) =>
      rulesOf(when, (rule) => inCard(`suggestions.${id}.when`, rule)),
    ),
    ...alternativesOf(card).flatMap(({ field, when }) =>
      rulesOf(when, (rule) => inCard(`${field}.when`, rule)),
    ),
  ];
}

const alternativesOf = ({ lists }: CardFile) =>
  Object.entries(lists).flatMap(([name, lines]) =>
    lines.flatMap((line, row) =>
      line.map((alternative, at) => ({ ...alternative, field: `lists.${name}.${row}.${at}` })),
    ),
  );

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
  if (threshold.appliesTo === undefined) {
    return isTrend(left, right, variables) ? [] : [`${said} needs a named threshold`];
  }
  return threshold.appliesTo === subject.name
    ? []
    : [`${said}: %${threshold.name} applies to %${threshold.appliesTo} only`];
}

/** An output compared with itself as it was before. */
function isTrend(left: Operand, right: Operand, variables: Variables): boolean {
  if (!('name' in left) || !('name' in right)) return false;
  const before = (name: string) => {
    const variable = variables.get(name);
    return variable?.of === 'output' ? variable.before : undefined;
  };
  return before(left.name) === right.name || before(right.name) === left.name;
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
  const values = Object.fromEntries(variables.map(([name]) => [name, 'word' as const]));
  const rulesOf = (field: string, text: string, known: Names) =>
    templateRules(text, known).map((rule) => inCard(field, rule));
  const whole = textNames(variables, Object.keys(card.lists));
  return [
    ...alternativesOf(card).flatMap(({ field, text, unknown = '' }) => [
      ...rulesOf(`${field}.text`, text, values),
      ...rulesOf(`${field}.unknown`, unknown, values),
    ]),
    ...card.cards.flatMap((each) => {
      const words = each.kind === 'finding' ? { ...values, ...findingNames } : values;
      const { id, summary, recommendation, detail } = each;
      const field = detail === undefined ? 'detail' : `cards.${id}.detail`;
      return [
        ...summaryRules(summary, words).map((rule) => inCard(`cards.${id}.summary`, rule)),
        ...rulesOf(`cards.${id}.recommendation`, recommendation, words),
        ...rulesOf(field, (detail ?? card.detail).join('\n'), { ...whole, ...words }),
      ];
    }),
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
  const unknown = cards.flatMap((card) =>
    (card.kind === 'finding' ? [] : card.suggestions)
      .filter((name) => suggestions[name] === undefined)
      .map((name) => inCard(`cards.${card.id}.suggestions`, `${name} is not among suggestions`)),
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
