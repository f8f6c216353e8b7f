import assert from 'node:assert/strict';
import { ndcSpellings, parseNdcIndex } from '../../src/fhir/ndc.ts';

const index = parseNdcIndex(
  [
    '# comment',
    'product\trxcui\tpackages',
    '000020152\t111\t0104',
    '001234567\t222\t00',
    '001234567\t333\t01',
    '123450678\t444\t90',
    '123456789\t444\t90',
    '987650001\t555\t10',
    '999990000\t666\t99',
    '',
  ].join('\n'),
);

const spellings: readonly (readonly [string, string | undefined])[] = [
  ['0002-0152-01', '111'],
  ['00002-0152-01', '111'],
  ['00002015201', '111'],
  ['00002015204', '111'],
  [' 00002015204 ', '111'],
  ['00002015202', undefined],
  ['98765-001-10', '555'],
  ['98765-0001-1', undefined],
  ['99999-0000-99', '666'],
  ['12345-6789-9', undefined],
];

describe('NDC', () => {
  for (const [code, rxcui] of spellings) {
    it(`${code} leads to ${rxcui ?? 'nothing'}`, () => assert.equal(index(code), rxcui));
  }

  it('reads 4-4-2, 5-3-2 and 5-4-1 as the same eleven digits', () => {
    const same = (code: string): string =>
      ndcSpellings(code)
        .map(({ product, ends }) => product + ends)
        .join();
    assert.equal(same('1234-5678-90'), '01234567890');
    assert.equal(same('12345-678-90'), '12345067890');
    assert.equal(same('12345-6789-0'), '12345678900');
  });

  it('takes ten digits without hyphens where only one reading is a product', () => {
    assert.equal(index('9876500110'), '555');
    assert.equal(index('0002015201'), '111');
  });

  it('leads nowhere where two readings are different products', () => {
    const two = parseNdcIndex('012345678\t1\t90\n123450678\t2\t90\n');
    assert.equal(two('1234567890'), undefined);
    assert.equal(two('1234-5678-90'), '1');
    assert.equal(two('12345-678-90'), '2');
  });

  it('takes a code without package where all packages are one product', () => {
    assert.equal(index('0002-0152'), '111');
    assert.equal(index('0123-4567'), undefined);
    assert.equal(index('12345-6789'), '444');
  });

  it('reads no other shape', () => {
    for (const code of [
      '',
      '0',
      '123',
      '1-2-3',
      '123456-789-01',
      '00002-0152-01-1',
      '0000201520A',
      '000020152',
    ]) {
      assert.deepEqual(ndcSpellings(code), [], code);
      assert.equal(index(code), undefined, code);
    }
  });

  it('is empty without a table', () => assert.equal(parseNdcIndex('')('00002015201'), undefined));
});
