import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fault } from '../../src/errors.ts';
import type { PatientId } from '../../src/fhir/chart.ts';
import { compartmentRule, compartmentTypes } from '../../src/fhir/compartment.ts';
import { type Identity, isOnlyAbout, refuseOtherPatients } from '../../src/fhir/patient-match.ts';

const me = 'p-1' as PatientId;
const fhir = 'https://ehr.example/fhir';
const identity: Identity = { patientId: me, fhirServers: [fhir] };
const anywhere: Identity = { patientId: me, fhirServers: [] };

type Json = Record<string, unknown>;

/** The resource of a type that names its patient by this element. */
function naming(type: string, subject: unknown): Json {
  const [path = 'subject'] = compartmentRule(type).elements;
  const [outer = '', inner] = path.split('.');
  return { resourceType: type, id: 'r', [outer]: inner === undefined ? subject : [{ [inner]: subject }] };
}

const bundle = (...entries: Json[]): Json => ({ resourceType: 'Bundle', type: 'searchset', entry: entries });
const entry = (resource: unknown, fullUrl?: string): Json => ({ ...(fullUrl ? { fullUrl } : {}), resource });

describe('patient match', () => {
  const mine: Record<string, unknown> = {
    'a relative reference': { reference: 'Patient/p-1' },
    'a versioned reference': { reference: 'Patient/p-1/_history/3' },
    'an absolute reference': { reference: `${fhir}/Patient/p-1` },
    'an absolute, versioned reference': { reference: `${fhir}/Patient/p-1/_history/3` },
    'an absolute reference in another spelling of the base': {
      reference: 'https://EHR.example:443/fhir/Patient/p-1',
    },
    'a reference with an identifier beside it': { reference: 'Patient/p-1', identifier: { value: 'MRN' } },
  };
  for (const [what, subject] of Object.entries(mine)) {
    it(`passes ${what}`, () => assert.ok(isOnlyAbout(naming('Observation', subject), identity)));
  }

  const others: Record<string, unknown> = {
    'another id': { reference: 'Patient/p-2' },
    'an id of which ours is the beginning': { reference: 'Patient/p-11' },
    'an id of which ours is the end': { reference: 'Patient/xp-1' },
    'an id in another case': { reference: 'Patient/P-1' },
    'another id on our server': { reference: `${fhir}/Patient/p-2` },
    'our id on another server': { reference: 'https://other.example/fhir/Patient/p-1' },
    'our id beside the registered base': { reference: 'https://ehr.example/fhir2/Patient/p-1' },
    'our id below the registered base': { reference: `${fhir}/tenant/Patient/p-1` },
    'our id on a server that starts alike': {
      reference: 'https://ehr.example.evil.example/fhir/Patient/p-1',
    },
    'a user in the authority': { reference: 'https://ehr.example@evil.example/fhir/Patient/p-1' },
    'an identifier only': { identifier: { system: 's', value: 'p-1' } },
    'a display only': { display: 'Patient/p-1' },
    'a bare id': { reference: 'p-1' },
    'a string in place of a reference': 'Patient/p-1',
    'a number in place of a reference': { reference: 1 },
    'a conditional reference': { reference: 'Patient?identifier=p-1' },
    'a reference to something contained': { reference: '#p-1' },
    'a Group': { reference: 'Group/p-1' },
    'a urn that its Bundle does not hold': { reference: 'urn:uuid:00000000-0000-4000-8000-000000000000' },
    'two patients': [{ reference: 'Patient/p-1' }, { reference: 'Patient/p-2' }],
    'a path that climbs': { reference: 'Patient/p-2/../p-1' },
    'a query after the id': { reference: 'Patient/p-1?x=Patient/p-2' },
    'an empty reference': { reference: '' },
  };
  for (const [what, subject] of Object.entries(others)) {
    it(`refuses ${what}`, () => assert.equal(isOnlyAbout(naming('Observation', subject), identity), false));
  }

  it('judges an absolute reference by its end where no base is known', () => {
    assert.ok(isOnlyAbout(naming('Condition', { reference: 'https://any.example/x/Patient/p-1' }), anywhere));
    assert.equal(
      isOnlyAbout(naming('Condition', { reference: 'https://any.example/x/Patient/p-2' }), anywhere),
      false,
    );
  });

  it('resolves a urn within its own Bundle only', () => {
    const urn = 'urn:uuid:11111111-1111-4111-8111-111111111111';
    const patient = (id: string | undefined): Json =>
      entry({ resourceType: 'Patient', ...(id ? { id } : {}) }, urn);
    const condition = entry(naming('Condition', { reference: urn }));
    assert.ok(isOnlyAbout(bundle(patient('p-1'), condition), identity));
    assert.equal(isOnlyAbout(bundle(patient('p-2'), condition), identity), false);
    assert.equal(isOnlyAbout(bundle(patient(undefined), condition), identity), false);
    assert.equal(isOnlyAbout(bundle(condition), identity), false);
    assert.equal(isOnlyAbout({ a: bundle(patient('p-1')), b: bundle(condition) }, identity), false);
    assert.equal(
      isOnlyAbout(bundle(patient('p-1'), patient('p-1'), condition), identity),
      false,
      'ambiguous',
    );
  });

  it('asks every type of the patient compartment to name its patient', () => {
    for (const type of compartmentTypes) {
      assert.ok(isOnlyAbout(naming(type, { reference: 'Patient/p-1' }), identity), type);
      assert.equal(isOnlyAbout(naming(type, { reference: 'Patient/p-2' }), identity), false, type);
      assert.equal(isOnlyAbout({ resourceType: type, id: 'r' }, identity), false, `${type} without`);
      assert.equal(
        isOnlyAbout(naming(type, { identifier: { value: 'p-1' } }), identity),
        false,
        `${type} identifier`,
      );
    }
  });

  it('passes what is about no patient, but not what names another', () => {
    for (const type of [
      'Medication',
      'Practitioner',
      'PractitionerRole',
      'Organization',
      'Location',
      'Device',
    ]) {
      assert.ok(isOnlyAbout({ resourceType: type, id: 'r' }, identity), type);
      assert.ok(isOnlyAbout(naming(type, { reference: 'Patient/p-1' }), identity), type);
      assert.equal(isOnlyAbout(naming(type, { reference: 'Patient/p-2' }), identity), false, type);
    }
    assert.ok(
      isOnlyAbout({ resourceType: 'Provenance', target: [{ reference: 'Observation/1' }] }, identity),
    );
  });

  it('takes the Patient itself by its id', () => {
    assert.ok(isOnlyAbout({ resourceType: 'Patient', id: 'p-1' }, identity));
    assert.equal(isOnlyAbout({ resourceType: 'Patient', id: 'p-2' }, identity), false);
    assert.equal(isOnlyAbout({ resourceType: 'Patient' }, identity), false);
  });

  it('lets an appointment name a clinician and a place beside the patient', () => {
    const with_ = (...actors: string[]): Json => ({
      resourceType: 'Appointment',
      participant: actors.map((reference) => ({ actor: { reference } })),
    });
    assert.ok(isOnlyAbout(with_('Practitioner/1', 'Patient/p-1', 'Location/1'), identity));
    assert.equal(isOnlyAbout(with_('Practitioner/1', 'Location/1'), identity), false);
    assert.equal(isOnlyAbout(with_('Patient/p-1', 'Patient/p-2'), identity), false);
  });

  it('lets performers, recorders and relatives be other people', () => {
    const other = { reference: 'Patient/mother' };
    assert.ok(
      isOnlyAbout({ ...naming('Observation', mine['a relative reference']), performer: [other] }, identity),
    );
    assert.ok(
      isOnlyAbout(
        { ...naming('AllergyIntolerance', { reference: 'Patient/p-1' }), recorder: other },
        identity,
      ),
    );
    assert.ok(
      isOnlyAbout({ ...naming('Coverage', { reference: 'Patient/p-1' }), subscriber: other }, identity),
    );
  });

  it('enters Bundles, Parameters and contained resources', () => {
    const wrong = naming('Condition', { reference: 'Patient/p-2' });
    const right = naming('Observation', { reference: 'Patient/p-1' });
    assert.equal(isOnlyAbout(bundle(entry(right), entry(wrong)), identity), false);
    assert.equal(isOnlyAbout(bundle(entry(bundle(entry(wrong)))), identity), false);
    assert.equal(
      isOnlyAbout({ resourceType: 'Parameters', parameter: [{ name: 'x', resource: wrong }] }, identity),
      false,
    );
    assert.equal(isOnlyAbout({ ...right, contained: [wrong] }, identity), false);
    assert.equal(
      isOnlyAbout({ ...right, contained: [{ resourceType: 'Patient', id: 'p-2' }] }, identity),
      false,
    );
    assert.ok(isOnlyAbout({ ...right, contained: [{ resourceType: 'Medication', id: 'm' }] }, identity));
    assert.ok(
      isOnlyAbout({ ...right, contained: [{ resourceType: 'Observation', id: 'o' }] }, identity),
      'shares',
    );
  });

  it('names the parts at fault and nothing else', () => {
    const parts = [
      ['prefetch.conditions', naming('Condition', { reference: 'Patient/SECRET' })],
      ['prefetch.lipids', null],
      ['fhirAuthorization.patient', 'p-2'],
    ] as const;
    assert.throws(
      () => refuseOtherPatients(parts, identity),
      (thrown) =>
        thrown instanceof Fault &&
        thrown.code === 'wrong-patient' &&
        thrown.details.join() === 'prefetch.conditions,fhirAuthorization.patient',
    );
    refuseOtherPatients([['fhirAuthorization.patient', 'p-1']], identity);
    refuseOtherPatients([['fhirAuthorization.patient', 'Patient/p-1']], identity);
  });

  it('survives nesting without end', () => {
    let deep: unknown = {};
    for (let level = 0; level < 100_000; level++) deep = { deep };
    assert.equal(isOnlyAbout(deep, identity), false);
  });
});

/** Generated charts: everything about one patient, in every legitimate spelling; then one thing swapped. */
describe('patient match, generated', () => {
  const urn = 'urn:uuid:11111111-1111-4111-8111-111111111111';
  const id = fc.stringMatching(/^[A-Za-z0-9.-]{1,12}$/).filter((text) => /[^.]/.test(text));
  const spelling = fc.constantFrom<(who: string) => string>(
    (who) => `Patient/${who}`,
    (who) => `Patient/${who}/_history/2`,
    (who) => `${fhir}/Patient/${who}`,
    (who) => `${fhir}/Patient/${who}/_history/a.1`,
    () => urn,
  );
  const type = fc.constantFrom(...compartmentTypes);
  const neutral = fc.constantFrom<Json>(
    { resourceType: 'Medication', id: 'm' },
    { resourceType: 'Practitioner', id: 'd' },
    { resourceType: 'Organization', id: 'o' },
  );
  const chart = fc.record({
    who: id,
    about: fc.array(fc.record({ type, spelling, contained: fc.option(fc.record({ type, spelling })) }), {
      minLength: 1,
      maxLength: 6,
    }),
    neutral: fc.array(neutral, { maxLength: 3 }),
    known: fc.boolean(),
    nested: fc.boolean(),
  });
  type Generated = typeof chart extends fc.Arbitrary<infer T> ? T : never;

  const build = ({ who, about, neutral, nested }: Generated, resources: Json[] = []): Json => {
    const patient = entry({ resourceType: 'Patient', id: who }, urn);
    const items = about.map(({ type, spelling, contained }) => ({
      ...naming(type, { reference: spelling(who) }),
      ...(contained === null
        ? {}
        : { contained: [naming(contained.type, { reference: contained.spelling(who) })] }),
    }));
    const whole = bundle(patient, ...[...items, ...neutral, ...resources].map((item) => entry(item)));
    return nested ? bundle(entry(whole)) : whole;
  };
  const of = ({ who, known }: Generated): Identity => ({
    patientId: who as PatientId,
    fhirServers: known ? [fhir] : [],
  });

  it('passes every legitimate spelling (5,000 charts)', () => {
    fc.assert(
      fc.property(chart, (generated) => isOnlyAbout(build(generated), of(generated))),
      { numRuns: 5_000 },
    );
  });

  it('passes none of 25,000 mix-ups', function () {
    this.timeout(120_000);
    const mixUp = fc.constantFrom<(who: string, other: string, type: string) => Json>(
      (_, other, type) => naming(type, { reference: `Patient/${other}` }),
      (_, other, type) => naming(type, { reference: `${fhir}/Patient/${other}` }),
      (who, other, type) => naming(type, { reference: `Patient/${other}/_history/${who}` }),
      (who, _, type) => naming(type, { identifier: { value: who } }),
      (who, _, type) => naming(type, { display: who }),
      (_, __, type) => ({ resourceType: type, id: 'r' }),
      (_, __, type) => naming(type, { reference: 'urn:uuid:22222222-2222-4222-8222-222222222222' }),
      (who, _, type) => naming(type, { reference: `#${who}` }),
      (who, other, type) =>
        naming(type, [{ reference: `Patient/${who}` }, { reference: `Patient/${other}` }]),
      (who, other, type) => ({
        ...naming(type, { reference: `Patient/${who}` }),
        contained: [naming(type, { reference: `Patient/${other}` })],
      }),
      (_, other) => ({ resourceType: 'Patient', id: other }),
      () => ({ resourceType: 'Patient' }),
      (_, other) => naming('Device', { reference: `Patient/${other}` }),
      (_, other, type) => bundle(entry(naming(type, { reference: `Patient/${other}` }))),
    );
    const nearly = (who: string) =>
      fc.oneof(
        id,
        fc.constantFrom(`${who}1`, `x${who}`, who.slice(1), who.toUpperCase(), who.toLowerCase(), `${who}.`),
      );
    const mixed = chart.chain((generated) =>
      fc.record({
        generated: fc.constant(generated),
        other: nearly(generated.who).filter((other) => other !== generated.who && other !== ''),
        mixUp,
        type,
      }),
    );
    fc.assert(
      fc.property(mixed, ({ generated, other, mixUp, type }) => {
        const strange = mixUp(generated.who, other, type);
        return !isOnlyAbout(build(generated, [strange]), of(generated));
      }),
      { numRuns: 25_000 },
    );
  });

  it('passes no reference to another server where the bases are known (2,000 mix-ups)', () => {
    const host = fc.constantFrom(
      'https://evil.example',
      'http://ehr.example',
      'https://ehr.example:8443',
      'https://ehr.example.evil',
    );
    fc.assert(
      fc.property(chart, host, type, (generated, origin, type) => {
        const strange = naming(type, { reference: `${origin}/fhir/Patient/${generated.who}` });
        return !isOnlyAbout(build(generated, [strange]), { ...of(generated), fhirServers: [fhir] });
      }),
      { numRuns: 2_000 },
    );
  });
});
