import type { Encounter } from '@medplum/fhirtypes';
import { codesOf, recordsIn, wordsOf } from '../fhir/coding.ts';
import { referenceTo } from '../fhir/reference.ts';
import { isFuture, parseMoment } from '../fhir/time.ts';
import { absence, type Context } from './context.ts';
import { dischargeDisposition } from './discharge-disposition.ts';
import type { EntryFrom } from './entry.ts';
import type { Feature, Source } from './feature.ts';
import { memberAmong } from './membership.ts';
import { type Recorded, recordedWithin } from './recorded.ts';
import { endOf, happening, startOf, took } from './visit.ts';

/** What an encounter's type, service or reason says when it is hospice or palliative care. */
const sets = ['urn:auscult:ValueSet:hospice-visit', 'urn:auscult:ValueSet:palliative-care'];

/**
 * Is the patient in hospice by a visit: one of that type, service or reason, or one from which the patient left to a
 * hospice, that took place within the look-back? One that goes on counts whenever it began; one that only words call a
 * hospice leaves it open.
 */
export function hospiceVisit(entry: EntryFrom<'encounter'>, context: Context): Feature {
  const records = [...context.index.encounters.values()]
    .filter(({ status }) => took.has(status))
    .flatMap((encounter) => hospice(encounter, entry, context));
  return recordedWithin(records, entry.lookback, absence(context.chart, 'encounters'), context);
}

function hospice(
  encounter: Encounter,
  entry: EntryFrom<'encounter'>,
  { vocabulary, chart }: Context,
): readonly Recorded[] {
  const reference = referenceTo(encounter);
  const { serviceType } = encounter;
  const concepts = [...recordsIn(encounter, 'type'), serviceType, ...recordsIn(encounter, 'reasonCode')];
  const codes = concepts.flatMap(codesOf);
  const member = sets.map((set) => memberAmong(codes, set, vocabulary)).find((each) => each !== undefined);
  const source: Source = { reference, display: entry.label };
  const left = dischargeDisposition(encounter, source);
  const discharged = left.kind === 'observed' && left.value === 'hospice';
  const said = concepts.some((each) => /\bhospice\b/i.test(wordsOf(each)));
  if (member === undefined && !discharged && !said) return [];
  const end = endOf(encounter.period);
  const goesOn = happening.has(encounter.status) && (end === undefined || isFuture(end, chart.now));
  const moment = goesOn ? parseMoment(chart.now.toISOString()) : (end ?? startOf(encounter.period));
  return [
    member === undefined && !discharged
      ? { reference, moment, doubt: 'unread' }
      : { reference, moment, ...member },
  ];
}
