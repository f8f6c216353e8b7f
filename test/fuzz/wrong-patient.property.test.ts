/** reliability.md §8: no chart in 100,000 generated mix-ups, no card in 3,000 that the whole app is sent. */
import assert from 'node:assert/strict';
import type { Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { Fault } from '../../src/errors.ts';
import type { PatientId } from '../../src/fhir/chart.ts';
import type { FhirReader } from '../../src/fhir/reader.ts';
import type { HookRequest } from '../../src/hooks/envelope.ts';
import { gatherChart } from '../../src/hooks/gather.ts';
import { hookPath, openHouse, type Site, type TestHouse } from '../harness.ts';
import {
  compartmentTypes,
  fhirBase,
  hidings,
  lookalikes,
  type MixUp,
  mixUp,
  naming,
  places,
  strangers,
} from './mix-up.ts';

const now = new Date('2026-03-15T10:00:00Z');
const lists = [
  { key: 'patient', query: 'Patient/{{context.patientId}}', required: true },
  { key: 'list', query: 'Observation?patient={{context.patientId}}', required: false },
];
const signal = new AbortController().signal;

function gather({ me, request, fetched }: MixUp) {
  const { context, prefetch, fhirAuthorization } = request;
  const call = {
    context: { ...context, patientId: me as PatientId },
    fhirAuthorization,
    prefetch: new Map(Object.entries(prefetch)),
  };
  const reader: FhirReader | undefined =
    fetched === undefined ? undefined : { read: async () => ({ kind: 'read', body: fetched as Resource }) };
  const options = { reader, fhirServers: [fhirBase], now, signal, readBudgetMs: 60_000 };
  return gatherChart(call as unknown as HookRequest, lists, options);
}

const id = fc.constantFrom(
  'p-1',
  '42',
  'ABC',
  'e.Xy-7',
  '0',
  'patient',
  '1a2b3c4d-0000-4000-8000-000000000000',
);
const generated = fc
  .record({
    me: id,
    lookalike: fc.constantFrom(...lookalikes),
    stranger: fc.constantFrom(...strangers),
    hiding: fc.constantFrom(...hidings),
    type: fc.constantFrom(...compartmentTypes),
    place: fc.constantFrom(...places),
  })
  .map(({ me, lookalike, stranger, hiding, type, place }) => {
    const candidate = lookalike(me);
    const other = candidate === me || candidate === '' ? `${me}-other` : candidate;
    return { me, other, place, type, hiding, piece: hiding(stranger(me, other, type), me) };
  });

describe('another patient, generated', () => {
  it('Q9: 0 charts in 100,000 mix-ups', async function () {
    this.timeout(120_000);
    let charts = 0;
    await fc.assert(
      fc.asyncProperty(generated, async ({ me, other, piece, place }) => {
        try {
          await gather(mixUp(me, other, piece, place));
          charts++;
        } catch (thrown) {
          if (thrown instanceof Fault && thrown.code === 'wrong-patient') return;
          throw thrown;
        }
        assert.fail('a chart was made');
      }),
      { numRuns: 100_000 },
    );
    assert.equal(charts, 0);
  });

  it('Q9: the same calls about the right patient make a chart (2,000)', async () => {
    await fc.assert(
      fc.asyncProperty(generated, async ({ me, type, hiding, place }) => {
        const right = hiding(naming(type, { reference: `Patient/${me}` }), me);
        const chart = await gather(mixUp(me, me, right, place));
        assert.equal(chart.patient?.id, me);
      }),
      { numRuns: 2_000 },
    );
  });

  describe('the whole app', () => {
    let house: TestHouse;
    let site: Site;
    before(async () => {
      house = await openHouse();
      site = await house.listen();
    });
    after(() => house.close());

    it('Q9: 422 and 0 cards in 3,000 mix-ups', async function () {
      this.timeout(120_000);
      const { context, prefetch, ...request } = house.request();
      const me = context.patientId;
      const keys = Object.keys(prefetch).filter((key) => key !== 'patient');
      const mixed = fc.record({ generated, key: fc.constantFrom(...keys, 'never-asked') });
      await fc.assert(
        fc.asyncProperty(mixed, async ({ generated: { place, type, hiding }, key }) => {
          const stranger = naming(type, {
            reference: `Patient/${lookalikes[key.length % lookalikes.length]?.(me)}`,
          });
          const piece = hiding(stranger, me);
          const body =
            place === 'draftOrders'
              ? { ...request, context: { ...context, draftOrders: piece }, prefetch }
              : { ...request, context, prefetch: { ...prefetch, [key]: piece } };
          const { status, text } = await site.post(hookPath, body);
          assert.equal(status, 422, text);
          assert.ok(!text.includes('cards'));
        }),
        { numRuns: 3_000 },
      );
    });
  });
});
