/** Whose data: the product's own strict match, and the sloppy ones that one finds in the wild. */
import { Fault } from '../../../../src/errors.ts';
import type { PatientId } from '../../../../src/fhir/chart.ts';
import { isOnlyAbout } from '../../../../src/fhir/patient-match.ts';
import { type House, isObject, type Json, listOf, Refused } from './house.ts';

/** @throws Refused 422 where a part is about somebody else */
export function matchPatient(house: House, parts: readonly unknown[], patientId: unknown): void {
  const { has, fhirServers } = house;
  if (has('no-patient-match')) return;
  const identity = { patientId: String(patientId) as PatientId, fhirServers };
  const sloppy = sloppyMatches.find(([fault]) => has(fault))?.[1];
  for (const part of parts) {
    const right =
      sloppy === undefined
        ? strictly(part, identity)
        : patientsIn(part, has).every((one) => sloppy(one, String(patientId)));
    if (!right) throw new Refused(has('drops-strangers') ? 200 : 422);
  }
}

const strictly = (part: unknown, identity: Parameters<typeof isOnlyAbout>[1]): boolean => {
  try {
    return isOnlyAbout(part, identity);
  } catch (thrown) {
    if (thrown instanceof Fault) return false;
    throw thrown;
  }
};

/** Who a resource is about: a Patient's id as a reference; undefined where it names nobody. */
type Named = string | undefined;

/** Most look right as long as nobody is hostile. */
const sloppyMatches: readonly (readonly [
  fault: string,
  isMine: (named: Named, patientId: string) => boolean,
])[] = [
  ['match-by-end', (named = '', id) => named.endsWith(id)],
  ['match-by-start', (named = '', id) => named.startsWith(`Patient/${id}`)],
  ['match-folded', (named = '', id) => folded(named) === folded(`Patient/${id}`)],
  ['unnamed-is-mine', (named = '', id) => !named.startsWith('Patient/') || named === `Patient/${id}`],
  ['shallow-match', (named, id) => named === `Patient/${id}`],
  ['first-subject', (named, id) => named === `Patient/${id}`],
];

const likeness: Readonly<Record<string, string>> = {
  ...{ а: 'a', с: 'c', е: 'e', і: 'i', о: 'o', р: 'p', х: 'x', у: 'y', '‐': '-' },
};

const folded = (text: string): string =>
  [...text.normalize('NFKC').toLowerCase()]
    .map((letter) => likeness[letter] ?? letter)
    .join('')
    .replaceAll(/[\s\u200b]/g, '');

function patientsIn(node: unknown, has: House['has']): readonly Named[] {
  if (Array.isArray(node)) return node.flatMap((item) => patientsIn(item, has));
  if (!isObject(node)) return [];
  const inner = has('shallow-match')
    ? listOf(node.entry).map((entry) => (isObject(entry) ? flat(entry.resource) : []))
    : Object.values(node);
  return [...namedBy(node, has), ...inner.flatMap((child) => patientsIn(child, has))];
}

/** Without what is inside of it. */
const flat = (resource: unknown): unknown =>
  isObject(resource) && resource.resourceType !== 'Bundle'
    ? { ...resource, contained: [], entry: [], parameter: [] }
    : [];

function namedBy(node: Json, has: House['has']): readonly Named[] {
  if (node.resourceType === 'Patient') return [`Patient/${node.id}`];
  if (typeof node.resourceType !== 'string' || /^(Bundle|Parameters)$/.test(node.resourceType)) return [];
  const subjects = [node.subject ?? node.patient].flat();
  return (has('first-subject') ? subjects.slice(0, 1) : subjects).map((subject) =>
    isObject(subject) && typeof subject.reference === 'string' ? subject.reference : undefined,
  );
}
