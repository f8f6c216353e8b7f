/** Another patient in the context, the token, the draft orders, or on the FHIR server. */
import { fhirAccess, isObject, listOf } from '../rules/asking.ts';
import type { Body } from '../target.ts';
import { other, type PatientCase, type Scene, wrongPatient } from './patient-case.ts';
import { otherCase } from './patient-lists.ts';
import { patientKeyOf, planted, searchsetOf, withPrefetch } from './sample-parts.ts';

/** The data stay the same, `context.patientId` is spelled otherwise. */
const spelled = (
  id: string,
  what: string,
  spell: (patientId: string) => unknown,
  plain = false,
): PatientCase => ({
  ...{
    id,
    rule: `A patientId ${what} brings no card of the data that came with it.`,
    source: wrongPatient,
    plain,
  },
  bend: ({ request, patientId }) => {
    if (!JSON.stringify(request.prefetch ?? {}).includes(patientId))
      return 'the sample carries no data of its patient';
    const patient = spell(patientId);
    if (patient === patientId) return 'the patientId of the sample has no letters';
    return {
      ...request,
      context: { ...(isObject(request.context) ? request.context : {}), patientId: patient },
    };
  },
});

const ordering = ['order-sign', 'order-select'] as const;

const orders = (
  id: string,
  rule: string,
  bend: (drafts: readonly Body[], scene: Scene) => readonly unknown[],
): PatientCase => ({
  ...{
    id,
    rule,
    source: 'CDS Hooks Library, order-sign: draftOrders of context.patientId',
    plain: true,
    hooks: ordering,
  },
  bend: (scene) => {
    const context = isObject(scene.request.context) ? scene.request.context : {};
    const bundle = isObject(context.draftOrders) ? context.draftOrders : {};
    const drafts = listOf(bundle.entry).flatMap((entry) =>
      isObject(entry) && isObject(entry.resource) ? [entry.resource] : [],
    );
    if (drafts.length === 0) return 'the sample has no draft order';
    const entry = bend(drafts, scene).map((resource) => ({ resource }));
    return { ...scene.request, context: { ...context, draftOrders: { ...bundle, entry } } };
  },
});

const authorized = (id: string, what: string, patient: (patientId: string) => string): PatientCase => ({
  ...{
    id,
    rule: `A token ${what} brings no card.`,
    source: 'CDS Hooks 2.0, FHIR Resource Access: fhirAuthorization.patient',
    plain: true,
  },
  bend: ({ request, target, patientId }) => {
    if (target.fhir === undefined) return noServer;
    const access = fhirAccess(target, request);
    const authorization = isObject(access.fhirAuthorization) ? access.fhirAuthorization : {};
    return { ...request, ...access, fhirAuthorization: { ...authorization, patient: patient(patientId) } };
  },
});

const noServer = 'the kit has no FHIR server that the service may ask';

/** What a key would hold is left out, and the FHIR server answers its query with this. */
const fetched = (
  id: string,
  rule: string,
  key: (scene: Scene) => string | undefined,
  body: (scene: Scene) => unknown,
): PatientCase => ({
  ...{ id, rule, source: `${wrongPatient}; cqf-ruler#535` },
  bend: (scene) => {
    const { target, request } = scene;
    const name = key(scene);
    if (target.fhir === undefined) return noServer;
    if (name === undefined) return 'the service asks for nothing like it';
    target.fhir.forget();
    target.fhir.answer(/./, { body: body(scene) });
    const { [name]: _, ...prefetch } = isObject(request.prefetch) ? request.prefetch : {};
    return { ...request, prefetch, ...fhirAccess(target, request) };
  },
});

const listKey = ({ list }: Scene): string | undefined => list?.name;
const foreign = ({ request, list }: Scene): Body =>
  list === undefined ? {} : planted(request, list, { reference: other });

export const contextCases: readonly PatientCase[] = [
  spelled('patient-39', 'in other letter case', otherCase),
  spelled('patient-40', 'with white space', (patientId) => ` ${patientId} `, true),
  spelled('patient-41', 'with its type before it', (patientId) => `Patient/${patientId}`),
  spelled('patient-42', 'as an address', (patientId) => `https://other.example/fhir/Patient/${patientId}`),
  spelled('patient-43', 'of somebody else', () => 'somebody-else', true),
  spelled('patient-44', 'with a zero-width space', (patientId) => `${patientId}\u200B`),
  spelled('patient-45', 'with an id behind a comma', (patientId) => `${patientId},somebody-else`),
  spelled(
    'patient-46',
    'with an id behind an ampersand',
    (patientId) => `${patientId}&patient=somebody-else`,
  ),
  spelled('patient-47', 'as a list of two', (patientId) => [patientId, 'somebody-else'], true),
  orders('patient-48', 'A draft order of another patient brings no card.', ([first]) => [
    { ...first, subject: { reference: other } },
  ]),
  orders('patient-49', 'One draft order of another patient among right ones brings no card.', (drafts) => [
    ...drafts,
    { ...drafts[0], id: 'planted', subject: { reference: other } },
  ]),
  orders(
    'patient-50',
    'A draft order that contains another patient’s resource brings no card.',
    ([first]) => [
      {
        ...first,
        contained: [
          {
            resourceType: 'Observation',
            id: 'o',
            status: 'final',
            code: { text: 'x' },
            subject: { reference: other },
          },
        ],
      },
    ],
  ),
  authorized('patient-51', 'of another patient', () => 'somebody-else'),
  authorized('patient-52', 'whose patient differs by letter case', otherCase),
  {
    id: 'patient-53',
    rule: 'A list whose next page belongs to another patient brings no card.',
    source: wrongPatient,
    bend: (scene) => {
      const { target, request, list } = scene;
      if (target.fhir === undefined) return noServer;
      if (list === undefined) return 'the service asks for no list of patient data';
      target.fhir.forget();
      target.fhir.answer(/page=2/, { body: searchsetOf(foreign(scene)) });
      const link = [{ relation: 'next', url: `${target.fhir.base}/${list.type}?page=2` }];
      const page = { ...searchsetOf(planted(request, list, { reference: scene.me })), link };
      return { ...withPrefetch(request, list.name, page), ...fhirAccess(target, request) };
    },
  },
  fetched(
    'patient-54',
    'A list that the FHIR server fills with another patient’s data brings no card.',
    listKey,
    (scene) => searchsetOf(foreign(scene)),
  ),
  fetched(
    'patient-55',
    'One resource of another patient among those of the FHIR server brings no card.',
    listKey,
    (scene) =>
      searchsetOf(
        scene.list === undefined ? {} : planted(scene.request, scene.list, { reference: scene.me }),
        foreign(scene),
      ),
  ),
  fetched(
    'patient-56',
    'Another Patient than the one that was asked for brings no card.',
    ({ ground }) => patientKeyOf(ground.service),
    () => ({
      resourceType: 'Patient',
      id: 'somebody-else',
      gender: 'female',
      birthDate: '1960-01-01',
    }),
  ),
];
