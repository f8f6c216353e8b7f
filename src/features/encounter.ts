import type { Encounter } from '@medplum/fhirtypes';
import { wordOf } from '../fhir/coding.ts';
import { idIn, referenceOf, referenceTo } from '../fhir/reference.ts';
import { isBefore, isFuture, type Moment, windowStart } from '../fhir/time.ts';
import { acuteness } from './acute-admission.ts';
import { absence, type Context } from './context.ts';
import { dischargeDisposition } from './discharge-disposition.ts';
import type { EntryFrom } from './entry.ts';
import { type Feature, missing, type Source } from './feature.ts';
import { hospiceVisit } from './hospice-visit.ts';
import { type Care, careOf } from './setting.ts';
import { endOf, happening, startOf, took, visitOf } from './visit.ts';

type Entry = EntryFrom<'encounter'>;
const day = 86_400_000;

/**
 * What the visits of the chart say. The visit is the hook's (`context.encounterId`), else the newest in progress; a
 * planned or cancelled one, or one of a local class, is Missing(unsuitable). `emergencyVisits` and `admissions` count
 * the earlier ones within the look-back.
 */
export function encounterValue(entry: Entry, context: Context): Feature {
  const absent = absence(context.chart, 'encounters');
  if (absent !== undefined) return absent;
  switch (entry.from.field) {
    case 'inpatient':
      return inpatient(entry, context);
    case 'lengthOfStay':
      return ofVisit(entry, context, (visit) => lengthOfStay(entry, visit, context.chart.now));
    case 'acuteAdmission':
      return ofVisit(entry, context, (visit) => acuteAdmission(entry, visit, context));
    case 'dischargeDisposition':
      return ofVisit(entry, context, (visit) => dischargeDisposition(visit, sourceOf(entry, visit)));
    case 'hospice':
      return hospiceVisit(entry, context);
    case 'leavesElsewhere':
      return leavesElsewhere(entry, context);
    case 'emergencyVisits':
      return earlierVisits(entry, context, 'emergency');
    case 'admissions':
      return earlierVisits(entry, context, 'admitted');
  }
}

function sourceOf(entry: Entry, encounter: Encounter): Source {
  const at = startOf(encounter.period)?.text;
  return { reference: referenceTo(encounter), ...(at === undefined ? {} : { at }), display: entry.label };
}

const elsewhere: readonly unknown[] = ['hospital', 'hospice', 'against-advice', 'expired'];

/** Is it on record that the patient leaves this visit for a hospital or a hospice, against advice, or has died? */
function leavesElsewhere(entry: Entry, context: Context): Feature {
  const visit = visitOf(context);
  const absent = absence(context.chart, 'encounters');
  if (typeof visit !== 'object')
    return absent ?? { kind: 'observed', value: false, sources: [], notes: ['no such visit on record'] };
  const left = dischargeDisposition(visit, sourceOf(entry, visit));
  const value = left.kind === 'observed' && elsewhere.includes(left.value);
  return { kind: 'observed', value, sources: [sourceOf(entry, visit)] };
}

function ofVisit(entry: Entry, context: Context, read: (visit: Encounter) => Feature): Feature {
  const visit = visitOf(context);
  if (visit === 'none') return missing('not-recorded', 'no visit is in progress');
  if (visit === 'unknown')
    return missing('not-recorded', 'the visit is not among the encounters of the chart');
  return took.has(wordOf(visit.status))
    ? read(visit)
    : missing('unsuitable', 'the visit is not under way', [sourceOf(entry, visit)]);
}

/** Is the patient admitted? Emergency and observation stays are not admissions. No visit at all: no. */
function inpatient(entry: Entry, context: Context): Feature {
  if (visitOf(context) === 'none')
    return { kind: 'observed', value: false, sources: [], notes: ['no visit is in progress'] };
  return ofVisit(entry, context, (visit) => {
    const care = careOf(visit);
    const sources = [sourceOf(entry, visit)];
    if (care === undefined) return missing('unsuitable', 'the class of the visit is not known', sources);
    return { kind: 'observed', value: care === 'admitted', sources };
  });
}

/** Completed days from admission to discharge, or to now; calendar days where a time of day is not recorded. */
function lengthOfStay(entry: Entry, visit: Encounter, now: Date): Feature {
  const sources = [sourceOf(entry, visit)];
  const start = startOf(visit.period);
  const recorded = endOf(visit.period);
  const end = recorded === undefined || isFuture(recorded, now) ? undefined : recorded;
  if (
    start === undefined ||
    start.precision === 'year' ||
    start.precision === 'month' ||
    isFuture(start, now)
  )
    return missing('invalid-date', 'nothing tells when the visit began', sources);
  const value = daysBetween(start, end, now);
  if (value === undefined) return missing('invalid-date', 'the visit ends before it began', sources);
  const [low, high] = entry.plausible ?? [0, Number.POSITIVE_INFINITY];
  if (value < low || value > high) return missing('implausible', `outside ${low}–${high} d`, sources);
  return { kind: 'observed', value, at: (end ?? start).text, sources };
}

function daysBetween(start: Moment, end: Moment | undefined, now: Date): number | undefined {
  const exact = start.precision === 'instant' && (end === undefined || end.precision === 'instant');
  const last = end?.date ?? now.toISOString().slice(0, 10);
  const passed = exact
    ? (end?.start ?? now.getTime()) - start.start
    : Date.parse(last.slice(0, 10)) - Date.parse(start.date.slice(0, 10));
  const clockSkew = end === undefined ? Math.max(passed, 0) : passed;
  return Number.isFinite(clockSkew) && clockSkew >= 0 ? Math.floor(clockSkew / day) : undefined;
}

function acuteAdmission(entry: Entry, visit: Encounter, { index }: Context): Feature {
  const sources = [sourceOf(entry, visit)];
  const said = acuteness(visit, index.encounters);
  return said === undefined
    ? missing('not-recorded', 'how the visit came about is not recorded', sources)
    : { kind: 'observed', value: said.acute, sources, notes: [said.basis] };
}

/**
 * Visits of one kind that began within the look-back and before the present one. Left out: what the present one is part
 * of or began with (an emergency visit that ended less than a day before it), parts of a counted admission, and what
 * never took place. One whose class or date is not known leaves the number open.
 */
function earlierVisits(entry: Entry, context: Context, kind: Care): Feature {
  const { chart, index } = context;
  const visit = visitOf(context);
  if (visit === 'unknown')
    return missing('not-recorded', 'the visit is not among the encounters of the chart');
  const present = visit === 'none' ? undefined : visit;
  const before = startOf(present?.period)?.start ?? chart.now.getTime();
  const from =
    entry.lookback === undefined ? Number.NEGATIVE_INFINITY : windowStart(chart.now, entry.lookback);
  const counted: Encounter[] = [];
  for (const encounter of index.encounters.values()) {
    const care = careOf(encounter);
    if (!took.has(wordOf(encounter.status)) || (care !== undefined && care !== kind)) continue;
    if (encounter === present || isLinked(encounter, present) || isPart(encounter, index.encounters, kind))
      continue;
    const start = startOf(encounter.period);
    const sources = [sourceOf(entry, encounter)];
    if (start === undefined) {
      if (care === undefined) continue;
      return missing('invalid-date', 'nothing tells when a visit was', sources);
    }
    if (isBefore(start, from) || start.start >= before || leadsTo(encounter, present, before)) continue;
    if (care === undefined) return missing('unsuitable', 'the class of a visit is not known', sources);
    counted.push(encounter);
  }
  const notes = [
    `${counted.length} on record${entry.lookback === undefined ? '' : ` within ${entry.lookback}`}`,
  ];
  return {
    kind: 'observed',
    value: counted.length,
    sources: counted.map((each) => sourceOf(entry, each)),
    notes,
  };
}

const partOf = (encounter: Encounter | undefined): string | undefined => {
  const reference = referenceOf(encounter?.partOf);
  return reference === undefined ? undefined : idIn(reference, 'Encounter');
};

/** Is one part of the other? */
const isLinked = (encounter: Encounter, present: Encounter | undefined): boolean =>
  present !== undefined && (partOf(present) === encounter.id || partOf(encounter) === present.id);

/** Part of another visit of the same kind, which is counted itself. */
function isPart(encounter: Encounter, all: ReadonlyMap<string, Encounter>, kind: Care): boolean {
  const whole = all.get(partOf(encounter) ?? '');
  return whole !== undefined && whole !== encounter && careOf(whole) === kind;
}

/** Did the present visit grow out of it: it ended less than a day before, or goes on? */
function leadsTo(encounter: Encounter, present: Encounter | undefined, before: number): boolean {
  const end =
    endOf(encounter.period) ??
    (happening.has(wordOf(encounter.status)) ? undefined : startOf(encounter.period));
  return present !== undefined && (end === undefined || end.end >= before - day);
}
