/** Data of another patient under a prefetch key. */
import type { Body } from '../target.ts';
import { other, type PatientCase, type Scene, wrongPatient } from './patient-case.ts';
import { patientKeyOf, planted, resourcesAt, searchsetOf, valueAt, withPrefetch } from './sample-parts.ts';

const noList = 'the service asks for no list of patient data';
const noPatient = 'the service does not ask for the Patient';

/** The list with what it holds and these resources. */
function withMore(
  { request, list }: Scene,
  resources: (list: NonNullable<Scene['list']>) => readonly unknown[],
): Body | string {
  if (list === undefined) return noList;
  return withPrefetch(request, list.name, searchsetOf(...resourcesAt(request, list), ...resources(list)));
}

/** One more resource in the list, of the list's own kind, with this subject. */
const subject = (
  id: string,
  what: string,
  about: (scene: Scene) => unknown,
  more: Partial<PatientCase> = {},
): PatientCase => ({
  ...{ id, rule: `A list with a resource of ${what} brings no card.`, source: wrongPatient },
  bend: (scene) => withMore(scene, (list) => [planted(scene.request, list, about(scene))]),
  ...more,
});

const reference = (
  id: string,
  what: string,
  to: (scene: Scene) => string,
  more: Partial<PatientCase> = {},
): PatientCase => {
  const made = subject(id, what, (scene) => ({ reference: to(scene) }), more);
  const same = 'the patientId of the sample has no such letter';
  return { ...made, bend: (scene) => (to(scene) === scene.me ? same : made.bend(scene)) };
};

/** One more resource in the list, made by hand. */
const resource = (
  id: string,
  what: string,
  make: (scene: Scene, list: NonNullable<Scene['list']>) => unknown,
): PatientCase => ({
  ...{ id, rule: `A list with ${what} brings no card.`, source: wrongPatient },
  bend: (scene) => withMore(scene, (list) => [make(scene, list)]),
});

const patient = (
  id: string,
  rule: string,
  bend: (own: Body, scene: Scene) => unknown,
  more: Partial<PatientCase> = {},
): PatientCase => ({
  ...{ id, rule, source: wrongPatient, plain: true },
  bend: (scene) => {
    const key = patientKeyOf(scene.ground.service);
    if (key === undefined) return noPatient;
    const own = valueAt(scene.request, key);
    const known =
      typeof own === 'object' && own !== null
        ? (own as Body)
        : { resourceType: 'Patient', id: scene.patientId };
    return withPrefetch(scene.request, key, bend(known, scene));
  },
  ...more,
});

/** Each letter's look-alike in another script. */
const lookAlike = (text: string): string =>
  text.replace(
    /[aceiopxy-]/,
    (letter) =>
      ({ a: 'а', c: 'с', e: 'е', i: 'і', o: 'о', p: 'р', x: 'х', y: 'у', '-': '‐' })[letter] ?? letter,
  );

const fullWidth = (text: string): string =>
  text.replace(/[A-Za-z0-9]/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));

const plain = { plain: true } as const;

export const listCases: readonly PatientCase[] = [
  patient('patient-01', 'A Patient with another id brings no card.', (own) => ({
    ...own,
    id: 'somebody-else',
  })),
  patient('patient-02', 'A Patient without id brings no card.', ({ id: _, ...own }) => own, { plain: false }),
  patient('patient-03', 'A Patient whose id differs by case brings no card.', (own, { patientId }) => ({
    ...own,
    id: otherCase(patientId),
  })),
  patient('patient-04', 'A Patient that is two patients in a searchset brings no card.', (own) =>
    searchsetOf(own, { ...own, id: 'somebody-else' }),
  ),
  patient(
    'patient-05',
    'A Patient that contains another Patient brings no card.',
    (own) => ({ ...own, contained: [{ ...own, id: 'somebody-else' }] }),
    { plain: false },
  ),
  reference('patient-06', 'another patient', () => other, plain),
  {
    id: 'patient-07',
    rule: 'A list in which every resource is another patient’s brings no card.',
    source: wrongPatient,
    plain: true,
    bend: ({ request, list }) =>
      list === undefined
        ? noList
        : withPrefetch(request, list.name, searchsetOf(planted(request, list, { reference: other }))),
  },
  subject('patient-08', 'nobody', () => undefined),
  subject('patient-09', 'somebody named by identifier only', () => ({
    identifier: { system: 'urn:oid:1.2.3', value: '4711' },
  })),
  subject('patient-10', 'somebody named by display only', () => ({ display: 'Somebody Else' })),
  resource('patient-11', 'a resource that names the patient as performer only', ({ request, me }, list) => ({
    ...planted(request, list, undefined),
    performer: [{ reference: me }],
  })),
  reference('patient-12', 'the same id on another server', ({ me }) => `https://other.example/fhir/${me}`),
  reference(
    'patient-13',
    'the same id below another path of the server',
    ({ me, target }) => `${target.fhir?.base ?? 'https://ehr.example/fhir'}/tenants/2/${me}`,
  ),
  reference('patient-14', 'a version of another patient', () => `${other}/_history/1`, plain),
  reference('patient-15', 'a Group', () => 'Group/ward-7'),
  reference('patient-16', 'a Device with the patient’s id', ({ patientId }) => `Device/${patientId}`),
  reference(
    'patient-17',
    'a RelatedPerson with the patient’s id',
    ({ patientId }) => `RelatedPerson/${patientId}`,
  ),
  reference('patient-18', 'an id that starts like the patient’s', ({ me }) => `${me}1`, plain),
  reference(
    'patient-19',
    'an id that ends like the patient’s',
    ({ patientId }) => `Patient/x${patientId}`,
    plain,
  ),
  reference('patient-20', 'an id in other letter case', ({ patientId }) => `Patient/${otherCase(patientId)}`),
  reference('patient-21', 'a type in other letter case', ({ patientId }) => `patient/${patientId}`),
  reference(
    'patient-22',
    'an id with a look-alike letter',
    ({ patientId }) => `Patient/${lookAlike(patientId)}`,
  ),
  reference(
    'patient-23',
    'an id with a full-width letter',
    ({ patientId }) => `Patient/${fullWidth(patientId)}`,
  ),
  reference('patient-24', 'an id with a zero-width space', ({ me }) => `${me}\u200B`),
  reference('patient-25', 'an id with white space', ({ me }) => `${me} `),
  reference('patient-26', 'a reference that climbs to another patient', ({ me }) => `${me}/../somebody-else`),
  reference(
    'patient-27',
    'a reference with another patient in its query',
    ({ me }) => `${me}?_id=somebody-else`,
  ),
  reference('patient-28', 'a search in place of a reference', () => 'Patient?identifier=4711'),
  reference(
    'patient-29',
    'a urn that nothing in the bundle has',
    () => 'urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
  ),
  subject('patient-30', 'two subjects, the second another patient', ({ me }) => [
    { reference: me },
    { reference: other },
  ]),
  subject('patient-31', 'a subject that is text', ({ me }) => me),
  {
    id: 'patient-32',
    rule: 'A list in which a urn leads to another patient brings no card.',
    source: 'FHIR R4, Bundle: resolving references',
    bend: ({ request, list }) => {
      if (list === undefined) return noList;
      const fullUrl = 'urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2eb';
      const bundle = searchsetOf(
        ...resourcesAt(request, list),
        planted(request, list, { reference: fullUrl }),
      );
      const entry = [
        ...(bundle.entry as unknown[]),
        { fullUrl, resource: { resourceType: 'Patient', id: 'somebody-else' } },
      ];
      return withPrefetch(request, list.name, { ...bundle, entry });
    },
  },
  resource('patient-33', 'a second Patient in it', () => ({ resourceType: 'Patient', id: 'somebody-else' })),
  resource('patient-34', 'a contained patient for a subject', ({ request }, list) => ({
    ...planted(request, list, { reference: '#p' }),
    contained: [{ resourceType: 'Patient', id: 'p' }],
  })),
  resource('patient-35', 'another patient’s resource contained in a right one', ({ request, me }, list) => ({
    ...planted(request, list, { reference: me }),
    contained: [planted(request, list, { reference: other })],
  })),
  resource('patient-36', 'another patient’s resource in a Bundle of its own', ({ request }, list) =>
    searchsetOf(planted(request, list, { reference: other })),
  ),
  resource('patient-37', 'another patient’s resource among Parameters', ({ request }, list) => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'result', resource: planted(request, list, { reference: other }) }],
  })),
  reference(
    'patient-38',
    'a reference with another patient in its fragment',
    ({ me }) => `${me}#somebody-else`,
  ),
];

export function otherCase(text: string): string {
  const upper = text.toUpperCase();
  return upper === text ? text.toLowerCase() : upper;
}
