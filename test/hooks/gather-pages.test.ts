import assert from 'node:assert/strict';
import type { Resource } from '@medplum/fhirtypes';
import { memoryReader } from '../../src/fhir/memory-reader.ts';
import {
  bundle,
  fhirServer,
  gather,
  idsOf,
  lipids,
  observation,
  patient,
  prescription,
  refused,
  stateOf,
  whole,
  without,
} from './gathering.ts';

describe('pages of a list', () => {
  const page = (at: number): string => `${fhirServer}?page=${at}`;
  const paged = { ...whole, lipids: bundle([observation('p1')], page(2)) };

  it('Q8: follows the pages of a prefetch and of its own reads', async () => {
    const answers = {
      [page(2)]: bundle([observation('p2')], page(3)),
      [page(3)]: bundle([observation('p3')]),
    };
    assert.deepEqual(await idsOf(gather(paged, answers)), ['1', 'p1', 'p2', 'p3']);
    const own = { ...answers, [lipids]: bundle([observation('p1')], page(2)) };
    assert.deepEqual(await idsOf(gather(without('lipids'), own)), ['1', 'p1', 'p2', 'p3']);
  });

  it('Q8: a list of which a page is lacking is partial, and none of it is used', async () => {
    await refused(gather(paged), 'required-data-unavailable', 'lipids: partial');
    await refused(gather(paged, {}), 'required-data-unavailable', 'lipids: partial');
    await refused(
      gather(paged, { [page(2)]: { failed: 'timeout' } }),
      'required-data-unavailable',
      'lipids: partial',
    );
    const optional = await gather({ ...whole, medications: bundle([prescription('m', '#x')], page(2)) });
    assert.deepEqual(optional.supply.get('medications'), { state: 'fetch-failed', reason: 'partial' });
    assert.deepEqual(
      optional.resources.map(({ id }) => id),
      ['1', 'a'],
    );
  });

  it('Q8: ends at a page that repeats, and after ten', async () => {
    await refused(
      gather(paged, { [page(2)]: bundle([], page(2)) }),
      'required-data-unavailable',
      'lipids: partial',
    );
    const circle = { [page(2)]: bundle([], page(3)), [page(3)]: bundle([], page(2)) };
    await refused(gather(paged, circle), 'required-data-unavailable', 'lipids: partial');
    const chain = (pages: number) =>
      memoryReader(
        Object.fromEntries(
          Array.from({ length: pages - 1 }, (_, at) => [
            page(at + 2),
            bundle([observation(`p${at + 2}`)], at + 2 < pages ? page(at + 3) : undefined),
          ]),
        ),
      );
    assert.equal((await idsOf(gather(paged, chain(10)))).length, 11);
    const endless = chain(50);
    await refused(gather(paged, endless), 'required-data-unavailable', 'lipids: partial');
    assert.equal(endless.asked.length, 9);
  });
});

describe('medications of a list', () => {
  const ordered = {
    ...whole,
    medications: bundle([
      prescription('m1', 'Medication/x'),
      prescription('m2', `${fhirServer}/Medication/y`),
      prescription('m3', 'Medication/x/_history/1'),
      prescription('m4', '#in'),
    ]),
  };
  const medication = (id: string) => ({ resourceType: 'Medication', id }) as Resource;

  it('reads the ones that orders refer to, each once', async () => {
    const reader = memoryReader({
      'Medication/x': medication('x'),
      [`${fhirServer}/Medication/y`]: medication('y'),
    });
    assert.deepEqual((await idsOf(gather(ordered, reader))).slice(-2), ['x', 'y']);
    assert.deepEqual(reader.asked, ['Medication/x', `${fhirServer}/Medication/y`]);
  });

  it('reads none that came along', async () => {
    const reader = memoryReader({});
    await gather(
      { ...whole, medications: bundle([prescription('m1', 'Medication/x'), medication('x')]) },
      reader,
    );
    assert.deepEqual(reader.asked, []);
  });

  it('goes on without one that cannot be read', async () => {
    assert.deepEqual(await stateOf(gather(ordered, {}), 'medications'), { state: 'supplied' });
  });

  it('takes nothing else in its place', async () => {
    assert.deepEqual(await idsOf(gather(ordered, { 'Medication/x': patient })), [
      '1',
      'a',
      'm1',
      'm2',
      'm3',
      'm4',
    ]);
    const foreign = { 'Medication/x': { resourceType: 'Patient', id: '2' } as Resource };
    await refused(gather(ordered, foreign), 'wrong-patient', 'fhirServer.medications');
  });
});
