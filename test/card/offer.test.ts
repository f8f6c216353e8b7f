import assert from 'node:assert/strict';
import { offerOf, offersOf } from '../../src/card/offer.ts';
import type { Service } from '../../src/card/service.ts';
import { cardiovascular } from './package.ts';

const list = (key: string, query: string, required = true) => ({ key, query, required, values: [key] });
const service = (id: string, more: Partial<Service> = {}): Service => ({ ...cardiovascular, id, ...more });

describe('offers', () => {
  it('are every service by its own id, and all of a hook together', () => {
    const offers = offersOf([service('a'), service('b', { hook: 'order-sign' }), service('c')]);
    assert.deepEqual([...offers.keys()], ['a', 'b', 'c', 'all-patient-view', 'all-order-sign']);
    assert.deepEqual(
      offers.get('all-patient-view')?.services.map(({ id }) => id),
      ['a', 'c'],
    );
  });

  it('leave what a site must want out of the whole until the site signs it on', () => {
    const pending = service('watch', { optIn: true });
    const signed = {
      ...pending,
      clinicalReview: { status: 'signed', by: 'A site', date: '2026-01-01' },
    } as const;
    assert.deepEqual([...offersOf([pending]).keys()], ['watch']);
    assert.deepEqual([...offersOf([signed]).keys()], ['watch', 'all-patient-view']);
  });

  it('ask for each list once, with the codes of all, and need none but the patient', () => {
    const one = service('one', {
      lists: [list('patient', 'Patient/1'), list('lipids', 'Observation?code=a,b&_sort=-date')],
    });
    const other = service('other', { lists: [list('lipids', 'Observation?code=b,c&_sort=-date')] });
    assert.deepEqual(offersOf([one, other]).get('all-patient-view')?.lists, [
      { key: 'patient', query: 'Patient/1', required: true, values: ['patient'] },
      { key: 'lipids', query: 'Observation?code=a,b,c&_sort=-date', required: false, values: ['lipids'] },
    ]);
  });

  it('keep what a service needs when it is called by its own id', () => {
    assert.deepEqual(offerOf(cardiovascular).lists, cardiovascular.lists);
  });
});
