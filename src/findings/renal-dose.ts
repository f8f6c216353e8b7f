import type { Feature, ValueName } from '../features/feature.ts';
import { readableNumber, readableQuantity } from '../features/words.ts';
import { isBefore, parseMoment, windowStart } from '../fhir/time.ts';
import type { Finder, OrderedDrug, OrderView } from './finder.ts';
import type { Finding, Severity } from './finding.ts';
import { membersOf } from './orders.ts';
import {
  isMeant,
  isMet,
  isNumber,
  isWithin,
  type RenalBand,
  type RenalRow,
  renalRows,
} from './renal-dose-rules.ts';

/** How a metric is named: in a summary, and where its meaning matters; with its unit. */
const metrics = {
  creatinineClearance: {
    short: 'creatinine clearance',
    long: 'creatinine clearance by Cockcroft-Gault with actual weight',
    unit: 'mL/min',
  },
  egfr: { short: 'eGFR', long: 'eGFR by CKD-EPI 2021, indexed', unit: 'mL/min/{1.73_m2}' },
  creatinine: { short: 'creatinine', long: 'serum creatinine', unit: 'mg/dL' },
  potassium: { short: 'potassium', long: 'potassium', unit: 'mmol/L' },
} as const;

const labels: Readonly<Record<ValueName, string>> = {
  age: 'age',
  bodyWeight: 'body weight',
  creatinine: 'creatinine',
  atrialFibrillation: 'atrial fibrillation',
  kidneyFailure: 'kidney failure or dialysis',
  acuteKidneyInjury: 'acute kidney injury',
};
const labelOf = (name: ValueName): string => labels[name] ?? name;

/** What one row says about one draft. */
interface Case {
  readonly view: OrderView;
  readonly row: RenalRow;
  readonly drug: OrderedDrug;
  readonly member: { readonly code: string; readonly name: string };
  readonly isNew: boolean;
}

/**
 * Drug doses by kidney function and potassium (vocabulary/rules/renal-dosing.json), for adults. Each row uses the
 * metric its label names. In kidney failure or on dialysis the row's own words count and no number; in acute kidney
 * injury no number is used. Where the metric is not known only drugs that need it before they are started say so.
 */
export const renalDose: Finder = {
  kind: 'renal-dose',
  needs: [
    'age',
    'egfr',
    'creatinineClearance',
    'creatinine',
    'potassium',
    'bodyWeight',
    'kidneyFailure',
    'acuteKidneyInjury',
    'atrialFibrillation',
  ],
  lists: ['medications'],
  find: (view) => {
    const age = view.feature('age');
    if (isNumber(age) && age.value < 18) return [];
    return view.drafts
      .filter(({ selected }) => selected)
      .flatMap((drug) => renalRows.flatMap((row) => casesOf(view, row, drug)))
      .flatMap((each) => judge(each) ?? []);
  },
};

function casesOf(view: OrderView, row: RenalRow, drug: OrderedDrug): readonly Case[] {
  if (row.routes !== undefined && drug.route !== undefined && !row.routes.includes(drug.route)) return [];
  const member = memberOf(view, row, drug);
  if (member === undefined) return [];
  const isNew = !view.active.some((each) => each.ingredients.some(({ code }) => code === member.code));
  return [{ view, row, drug, member, isNew: isNew && !isChange(view, drug) }];
}

/** Does the draft change an order that is there: by its id, or by the prescription it names? */
const isChange = ({ chart }: OrderView, { resource }: OrderedDrug): boolean =>
  resource.priorPrescription !== undefined ||
  chart.resources.some(
    (each) =>
      each?.resourceType === 'MedicationRequest' &&
      each.status === 'active' &&
      each.id !== undefined &&
      each.id === resource.id,
  );

/** The ingredient of the order that the row is about, by the table's name where it has one. */
function memberOf(view: OrderView, row: RenalRow, drug: OrderedDrug): Case['member'] | undefined {
  const listed = row.drugs?.find((each) => drug.ingredients.some(({ code }) => code === each.code));
  if (listed !== undefined || row.valueSet === undefined) return listed;
  const members = membersOf(row.valueSet, view.vocabulary);
  return drug.ingredients.find(({ code }) => members.has(code) && !row.without?.includes(code));
}

function judge(each: Case): Finding | undefined {
  const { view, row } = each;
  if (row.metric === 'potassium') return byNumber(each, view.feature('potassium'));
  const [failure, injury] = [view.feature('kidneyFailure'), view.feature('acuteKidneyInjury')];
  if (isTrue(failure)) {
    return row.dialysis === undefined
      ? undefined
      : finding(
          each,
          row.dialysis,
          'kidney failure or dialysis',
          ['Kidney failure or dialysis is on record.'],
          [],
        );
  }
  if (isTrue(injury)) return unstable(each);
  const unsure = [failure, injury].find(({ kind }) => kind !== 'observed');
  return byNumber(each, unsure ?? view.feature(row.metric));
}

const isTrue = (feature: Feature): boolean => feature.kind === 'observed' && feature.value === true;

/** The first band that holds for sure, else the first that may hold; or that the metric is not known. */
function byNumber(each: Case, metric: Feature): Finding | undefined {
  if (!isNumber(metric)) return notKnown(each, metric);
  const within = each.row.bands.filter(
    (band) => isWithin(metric.value, band) && (band.newStart !== true || each.isNew),
  );
  const candidates = within.flatMap((band) => {
    const verdicts = [isMeant(band, each.view.feature), isMet(band, each.view.feature)];
    const open = verdicts.flatMap((verdict) => (typeof verdict === 'boolean' ? [] : verdict));
    return verdicts.includes(false) ? [] : [{ band, open }];
  });
  const chosen = candidates.find(({ open }) => open.length === 0) ?? candidates[0];
  return chosen === undefined ? undefined : inBand(each, chosen.band, metric, chosen.open);
}

function inBand(
  each: Case,
  band: RenalBand,
  metric: Extract<Feature, { kind: 'observed' }> & { readonly value: number },
  open: readonly ValueName[],
): Finding | undefined {
  const { short, long, unit } = metrics[each.row.metric];
  const dose = compare(each, band);
  if (dose === 'within') return undefined;
  const moment = parseMoment(metric.at);
  const dated = moment === undefined ? '' : ` (${moment.date})`;
  const because = [
    `${long}: ${readableQuantity(metric.value, unit)}${dated}.`,
    ...dose.because,
    ...criteriaMet(each, band),
  ];
  const old = moment !== undefined && isBefore(moment, windowStart(each.view.chart.now, 'P1Y'));
  const unknown = [
    ...open.map((name) => `${labelOf(name)}: the rule depends on it`),
    ...dose.unknown,
    ...(old ? [`${short} now: the value is more than a year old`] : []),
  ];
  const severity: Severity = unknown.length === 0 ? band.severity : 'info';
  const other = `${short} ${readableQuantity(metric.value, unit)}`;
  const problem = open.some((name) => name !== 'atrialFibrillation')
    ? 'the dose criteria cannot all be told'
    : band.problem;
  return finding(each, { ...band, problem, severity }, other, because, unknown, [
    ...(band.when ?? []).map(({ value }) => value),
    ...(band.criteria?.of ?? []).map(({ value }) => value),
    ...(band.mostPerKg === undefined ? [] : ['bodyWeight']),
  ]);
}

function criteriaMet({ view }: Case, { criteria }: RenalBand): readonly string[] {
  return (criteria?.of ?? []).flatMap((each) => {
    const told = view.feature(each.value);
    return isNumber(told) && isWithin(told.value, each)
      ? [`${labelOf(each.value)} ${readableNumber(told.value)} meets its criterion.`]
      : [];
  });
}

/** The ordered dose against the band's highest; a band without one always speaks. */
function compare(
  { view, drug, row, member }: Case,
  band: RenalBand,
): 'within' | { readonly because: readonly string[]; readonly unknown: readonly string[] } {
  const most = band.most ?? perKg(band.mostPerKg, view.feature('bodyWeight'));
  if (band.most === undefined && band.mostPerKg === undefined) return { because: [], unknown: [] };
  if (most === undefined) return { because: [], unknown: ['body weight: the highest dose depends on it'] };
  if (drug.dose.kind === 'missing') {
    return { because: [], unknown: [`the daily dose ordered: ${drug.dose.detail ?? drug.dose.reason}`] };
  }
  const codes = row.drugs?.map(({ code }) => code) ?? [member.code];
  const parts = drug.dose.perDay.filter(({ ingredient }) => codes.includes(ingredient));
  if (parts.length === 0 || parts.some(({ unit }) => unit !== 'mg/d')) {
    return { because: [], unknown: ['the daily dose ordered: it is not in mg'] };
  }
  const ordered = parts.reduce((sum, { amount }) => sum + amount, 0);
  if (ordered <= most * (1 + 1e-9)) return 'within';
  const asNeeded = drug.dose.prn ? ' at most, as needed' : '';
  return {
    because: [
      `Ordered: ${readableNumber(ordered)} mg a day${asNeeded}; highest here: ${readableNumber(most)} mg a day.`,
    ],
    unknown: [],
  };
}

const perKg = (each: number | undefined, weight: Feature): number | undefined =>
  each !== undefined && isNumber(weight) ? each * weight.value : undefined;

/** Only where the label asks for it before a first dose. */
function notKnown(each: Case, metric: Feature): Finding | undefined {
  const { row, isNew } = each;
  const meant = row.bands.some((band) => isMeant(band, each.view.feature) !== false);
  if (row.knownBeforeStart !== true || !isNew || !meant) return undefined;
  const { long, short } = metrics[row.metric];
  const why = metric.kind === 'missing' ? (metric.detail ?? metric.reason) : 'not observed';
  const problem = row.metric === 'potassium' ? 'potassium is not known' : 'kidney function is not known';
  const advice = 'The label asks for it before the first dose.';
  return finding(each, { severity: 'info', problem, advice }, short, [], [`${long}: ${why}`]);
}

/** Creatinine of a failing kidney says nothing yet: no number, but a word where the label forbids or needs one. */
function unstable(each: Case): Finding | undefined {
  const { row } = each;
  const matters = row.knownBeforeStart === true || row.bands.some((band) => band.severity === 'critical');
  if (!matters) return undefined;
  const { long } = metrics[row.metric];
  const severity: Severity = row.knownBeforeStart === true ? 'warning' : 'info';
  const words = {
    severity,
    problem: 'kidney function is unstable: no dose by number',
    advice:
      'Judge by the course of creatinine and urine output; dose as for a lower clearance or choose another drug.',
  };
  const because = ['Acute kidney injury is on record.'];
  return finding(each, words, 'acute kidney injury', because, [
    `${long}: not computed in acute kidney injury`,
  ]);
}

function finding(
  { row, drug, member }: Case,
  { severity, problem, advice }: Pick<RenalBand, 'severity' | 'problem' | 'advice'>,
  other: string,
  because: readonly string[],
  unknown: readonly string[],
  more: readonly ValueName[] = [],
): Finding {
  const subject = member.name.slice(0, 24);
  const guards = row.metric === 'potassium' ? [] : ['kidneyFailure', 'acuteKidneyInjury'];
  return {
    kind: 'renal-dose',
    rule: row.id,
    severity,
    order: drug.reference,
    words: { subject, other, problem, advice },
    because,
    unknown,
    values: [...new Set([row.metric, ...guards, ...more])],
    source: { label: row.source.label, ...(row.source.url === undefined ? {} : { url: row.source.url }) },
    actions: [{ type: 'delete', label: `Remove the order for ${subject}`, reference: drug.reference }],
  };
}
