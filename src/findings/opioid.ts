import type { MedicationRequest } from '@medplum/fhirtypes';
import { readableNumber } from '../features/words.ts';
import type { Finder, OrderedDrug, OrderView } from './finder.ts';
import type { Finding, FindingAction, Severity } from './finding.ts';
import { isLongActingForm } from './opioid-form.ts';
import { type MmeTotal, mmeOf, opioidNameOf } from './opioid-mme.ts';
import { type OpioidRule, opioidTable } from './opioid-rules.ts';

const { rules, exclusions, longActing, naloxone } = opioidTable;

/** The opioid picture of one call, drafts included. */
interface Scene {
  readonly view: OrderView;
  /** Selected drafts that are opioids. */
  readonly ordered: readonly OrderedDrug[];
  /** All opioids and benzodiazepines in force: drafts and active. */
  readonly opioids: readonly OrderedDrug[];
  readonly benzodiazepines: readonly OrderedDrug[];
  readonly total: MmeTotal;
  /** Limits of the guideline's scope that could not be ruled out. */
  readonly unknown: readonly string[];
}

/**
 * Opioid orders by the CDC guideline of 2022: dose in MME, benzodiazepines, naloxone, a long-acting first opioid. For
 * adults; silent in cancer treatment, sickle cell disease, palliative and end-of-life care. A limit of that scope that
 * is not known does not silence: it is named.
 */
export const opioid: Finder = {
  kind: 'opioid',
  needs: [
    'age',
    'activeCancer',
    'sickleCellDisease',
    'palliativeCare',
    'opioidUseDisorder',
    'opioidOverdose',
  ],
  lists: ['medications', 'medicationHistory'],
  find: (view) => {
    const scene = sceneOf(view);
    if (scene === undefined) return [];
    return [dose(scene), ...benzodiazepine(scene), offerNaloxone(scene), ...longActingStart(scene)].filter(
      (each) => each !== undefined,
    );
  },
};

const holds = (view: OrderView, name: string): boolean => {
  const feature = view.feature(name);
  return feature.kind === 'observed' && feature.value === true;
};

/** Undefined: outside the guideline's scope. */
function sceneOf(view: OrderView): Scene | undefined {
  const age = view.feature('age');
  if (age.kind === 'observed' && Number(age.value) < opioidTable.adultFrom) return undefined;
  if (exclusions.some(({ value }) => holds(view, value))) return undefined;
  const inForce = [...view.drafts, ...view.active];
  const opioids = inForce.filter((each) => each.is(opioidTable.opioids));
  const open = exclusions.filter(({ value }) => view.feature(value).kind !== 'observed');
  const unknown = [
    ...open.map(({ label }) => `${label}: the guideline is not for it`),
    ...(age.kind === 'observed' ? [] : ['age: the guideline is for adults']),
    ...(listed(view, 'medications') ? [] : ['active prescriptions: the total may be higher']),
  ];
  return {
    view,
    opioids,
    benzodiazepines: inForce.filter((each) => each.is(opioidTable.benzodiazepines)),
    ordered: opioids.filter(({ selected }) => selected),
    total: mmeOf(opioids, holds(view, 'opioidUseDisorder')),
    unknown,
  };
}

const listed = ({ chart }: OrderView, key: string): boolean => chart.supply.get(key)?.state === 'supplied';

/** Total at or above the caution dose; or, below it, that an opioid could not be counted. One for all drafts. */
function dose(scene: Scene): Finding | undefined {
  const { total, ordered } = scene;
  const [draft] = ordered;
  if (draft === undefined || (total.counted === 0 && total.excluding.length < 2)) return undefined;
  const reached = total.mme >= rules.mme.from;
  if (!reached && total.excluding.length === 0) return undefined;
  const least = total.excluding.length > 0 || total.never.length > 0 ? 'at least ' : '';
  const words = `${least}${readableNumber(total.mme)} MME a day`;
  const left = [...total.excluding, ...total.never];
  const because = [
    `Total ${words}${left.length === 0 ? '' : `, excluding ${left.join('; ')}`}.`,
    ...total.parts.map((part) => `${part}.`),
  ];
  const unknown = [...total.excluding, ...scene.unknown];
  return finding(reached ? rules.mme : rules.mmeUnknown, draft, words, because, unknown, []);
}

/** An opioid draft beside a benzodiazepine in force, or the other way round; a pair of two drafts once. */
function benzodiazepine(scene: Scene): readonly Finding[] {
  const { opioids, benzodiazepines, ordered } = scene;
  const [sedative] = benzodiazepines;
  const [partner] = opioids;
  if (sedative === undefined || partner === undefined) return [];
  const drafts = ordered.length > 0 ? ordered : benzodiazepines.filter(({ selected }) => selected);
  return drafts.map((draft) => {
    const other = ordered.length > 0 ? nameOf(sedative) : opioidNameOf(partner);
    const treated = treatsUseDisorder(scene, ordered.length > 0 ? draft : partner);
    const because = treated
      ? ['Treatment of opioid use disorder should not be withheld because of a benzodiazepine (FDA 2017).']
      : [];
    const rule = {
      ...rules.benzodiazepine,
      severity: treated ? ('info' as const) : rules.benzodiazepine.severity,
    };
    return finding(rule, draft, other, because, scene.unknown, []);
  });
}

const treatsUseDisorder = ({ view }: Scene, order: OrderedDrug): boolean =>
  holds(view, 'opioidUseDisorder') &&
  order.ingredients.some(({ code }) => opioidTable.treatsUseDisorder.includes(code));

const nameOf = (order: OrderedDrug): string => order.ingredients[0]?.name.slice(0, 24) ?? 'drug';

/** Reasons for naloxone (CDC 2022, recommendation 8); offered unless it is, or was lately, prescribed. */
function offerNaloxone(scene: Scene): Finding | undefined {
  const { view, total, opioids, benzodiazepines, ordered } = scene;
  const draft =
    ordered[0] ?? (opioids.length > 0 ? benzodiazepines.find(({ selected }) => selected) : undefined);
  if (draft === undefined || [...view.drafts, ...view.active, ...view.recent].some(isNaloxone))
    return undefined;
  const mme = total.mme >= rules.mme.from ? `${readableNumber(total.mme)} MME a day` : undefined;
  const reasons = [
    ...(mme === undefined ? [] : [{ short: mme, why: `the opioid dose is ${mme}` }]),
    ...(benzodiazepines.length > 0
      ? [{ short: 'with a benzodiazepine', why: 'a benzodiazepine is taken too' }]
      : []),
    ...(holds(view, 'opioidOverdose')
      ? [{ short: 'earlier overdose', why: 'an overdose is on record' }]
      : []),
    ...(holds(view, 'opioidUseDisorder')
      ? [{ short: 'opioid use disorder', why: 'an opioid use disorder is on record' }]
      : []),
  ];
  const [first] = reasons;
  if (first === undefined) return undefined;
  const unknown = listed(view, 'medicationHistory') ? [] : ['earlier prescriptions: naloxone may be at home'];
  const because = [`Offered because ${reasons.map(({ why }) => why).join(', ')}.`];
  return finding(
    rules.naloxone,
    draft,
    first.short,
    because,
    [...unknown, ...scene.unknown],
    [naloxoneOrder()],
  );
}

/** By nose or injection, or naloxone alone: with buprenorphine or oxycodone it only deters misuse. */
const isNaloxone = (order: OrderedDrug): boolean =>
  order.is(naloxone.set) || (order.ingredients.length === 1 && order.ingredients[0]?.code === naloxone.code);

function naloxoneOrder(): FindingAction {
  const { label, system, code, display, dosage, reason } = naloxone.order;
  const resource: MedicationRequest = {
    resourceType: 'MedicationRequest',
    status: 'draft',
    intent: 'proposal',
    subject: {},
    medicationCodeableConcept: { coding: [{ system, code, display }], text: display },
    reasonCode: [{ text: reason }],
    dosageInstruction: [{ text: dosage }],
  };
  return { type: 'create', label, resource };
}

/** A long-acting opioid where no opioid is active, and none was within the look-back of the history. */
function longActingStart(scene: Scene): readonly Finding[] {
  const { view, ordered } = scene;
  const others = [...view.active, ...view.recent].filter((each) => each.is(opioidTable.opioids));
  if (others.length > 0) return [];
  const told = listed(view, 'medications') && listed(view, 'medicationHistory');
  const severity: Severity = told ? rules.extendedRelease.severity : 'info';
  const unknown = told ? [] : ['earlier opioids: the patient may be used to them'];
  return ordered
    .filter((each) => isLongActing(view, each) && !treatsUseDisorder(scene, each))
    .map((draft) => {
      const because = told ? ['No opioid is active or was within the last 100 days on record.'] : [];
      const rule = { ...rules.extendedRelease, severity };
      const other = told ? 'no opioid before' : 'earlier opioids unknown';
      return finding(rule, draft, other, because, [...unknown, ...scene.unknown], []);
    });
}

function isLongActing(view: OrderView, drug: OrderedDrug): boolean {
  const holdsOne = (codes: readonly string[]) => drug.ingredients.some(({ code }) => codes.includes(code));
  if (holdsOne(longActing.not)) return false;
  if (holdsOne(longActing.codes)) return true;
  return isLongActingForm(view, drug, longActing.forms);
}

function finding(
  { id, severity, problem, advice, basis }: OpioidRule,
  draft: OrderedDrug,
  other: string,
  because: readonly string[],
  unknown: readonly string[],
  more: readonly FindingAction[],
): Finding {
  const subject = draft.is(opioidTable.opioids) ? opioidNameOf(draft) : nameOf(draft);
  const label = `Remove the order for ${subject}`;
  return {
    kind: 'opioid',
    rule: id,
    severity,
    order: draft.reference,
    words: { subject, other, problem, advice },
    because,
    unknown,
    values: opioid.needs,
    source: { label: `${opioidTable.source.label}; ${basis}`, url: opioidTable.source.url },
    actions: more.length > 0 ? more : [{ type: 'delete', label, reference: draft.reference }],
  };
}
