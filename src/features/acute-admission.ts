import type { Encounter } from '@medplum/fhirtypes';
import { codesOf, isRecord, recordsIn, statusCodesOf } from '../fhir/coding.ts';
import { idIn, referenceOf } from '../fhir/reference.ts';
import { careOf } from './setting.ts';

/** Was an admission unplanned, and what says so. */
export interface Acuteness {
  readonly acute: boolean;
  /** Our own words. */
  readonly basis: string;
}

/** v3 ActPriority, and UB-04 type of admission (NUBC): 1 emergency, 2 urgent, 3 elective, 4 newborn, 5 trauma. */
const priorities: ReadonlyMap<string, boolean> = new Map([
  ['em', true],
  ['ur', true],
  ['el', false],
  ['r', false],
]);
const nubc = /PriorityTypeOfAdmitOrVisit$|2\.16\.840\.1\.113883\.6\.301\.1$/;
const typesOfAdmission: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['2', true],
  ['3', false],
  ['5', true],
]);

/** SNOMED CT encounter types; input only. */
const types: ReadonlyMap<string, boolean> = new Map([
  ['183452005', true],
  ['50849002', true],
  ['4525004', true],
  ['8715000', false],
]);
const snomed = 'http://snomed.info/sct';

/**
 * Did it come about as an emergency or urgently? By `priority` (EM, UR; EL, R), admission from the emergency department
 * (`hospitalization.admitSource` emd; class EMER, earlier or of the visit it is part of), or its type. Where they
 * contradict each other what says acute holds. Undefined: nothing says.
 */
export function acuteness(visit: Encounter, all: ReadonlyMap<string, Encounter>): Acuteness | undefined {
  const said = [byPriority(visit), bySource(visit, all), byType(visit)].filter((each) => each !== undefined);
  return said.find(({ acute }) => acute) ?? said[0];
}

function byPriority({ priority }: Encounter): Acuteness | undefined {
  const numbered = codesOf(priority).flatMap(({ system, code }) =>
    nubc.test(system) ? [typesOfAdmission.get(code)] : [],
  );
  const worded = statusCodesOf(priority).map((code) => priorities.get(code));
  return verdict([...numbered, ...worded], 'by the priority of the visit');
}

function bySource(visit: Encounter, all: ReadonlyMap<string, Encounter>): Acuteness | undefined {
  const source = isRecord(visit.hospitalization) ? visit.hospitalization.admitSource : undefined;
  const origin = referenceOf(visit.partOf);
  const whole = origin === undefined ? undefined : all.get(idIn(origin, 'Encounter') ?? '');
  const earlier = recordsIn(visit, 'classHistory').some(
    ({ class: former }) => isRecord(former) && former.code === 'EMER',
  );
  const emergency =
    statusCodesOf(source).includes('emd') ||
    earlier ||
    [visit, whole].some((each) => each !== undefined && careOf(each) === 'emergency');
  return emergency ? { acute: true, basis: 'it came from emergency care' } : undefined;
}

function byType(visit: Encounter): Acuteness | undefined {
  const codes = recordsIn(visit, 'type').flatMap(codesOf);
  const known = codes.map(({ system, code }) => (system === snomed ? types.get(code) : undefined));
  return verdict(known, 'by the type of the visit');
}

function verdict(known: readonly (boolean | undefined)[], basis: string): Acuteness | undefined {
  if (known.includes(true)) return { acute: true, basis };
  return known.includes(false) ? { acute: false, basis } : undefined;
}
