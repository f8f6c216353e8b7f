import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type MixedRows, memberWords, rowsOf } from '../../src/inference/mixture.ts';
import { rowSize, type Tensor } from '../../src/inference/tensor.ts';
import { type Coalition, coalitions, mixtureOf, mixtures, toldOf } from './mixtures.ts';

const bytesAt = (tensor: Tensor, row: number, element: number): string => {
  const { BYTES_PER_ELEMENT: each, buffer, byteOffset } = tensor.data;
  const at = byteOffset + (row * rowSize(tensor) + element) * each;
  return Buffer.from(buffer.slice(at, at + each) as ArrayBuffer).toString('hex');
};

/** Where each element of a row comes from, said once more and slowly. */
function assertMixed({ mixture, ...told }: MixedRows, asked: readonly Coalition[]): void {
  const rows = rowsOf({ mixture, ...told });
  let before = 0;
  for (const [name, ends] of Object.entries(mixture.ends)) {
    const table = rows[name] ?? assert.fail(name);
    assert.equal(table.dtype, ends.dtype);
    assert.deepEqual(table.shape, [asked.length, ...ends.shape.slice(1)]);
    for (const [row, { start, players }] of asked.entries())
      for (let element = 0; element < rowSize(ends); element++) {
        const owner = mixture.owners[before + element] ?? -1;
        const isPatients = owner === -1 || players.includes(owner);
        const expected = bytesAt(ends, isPatients ? 0 : start, element);
        assert.equal(bytesAt(table, row, element), expected, `${name} row ${row} element ${element}`);
      }
    before += rowSize(ends);
  }
}

describe('rows of a mixture', () => {
  it('are the ends’, bit by bit, but for what nobody owns and what the players bring', () => {
    fc.assert(
      fc.property(mixtures, coalitions, (mixture, asked) => {
        assertMixed(toldOf(mixture, asked), asked);
      }),
    );
  });

  it('are told alike in as many words as the players need', () => {
    const mixture = mixtureOf([['x', 'float64', [3]]], [0, 31, -1]);
    const asked = [
      { start: 0, players: [31] },
      { start: 2, players: [0, 31] },
    ];
    assert.deepEqual([1, 32, 33, 64, 65].map(memberWords), [1, 1, 2, 2, 3]);
    assertMixed(toldOf(mixture, asked, 1), asked);
    assert.deepEqual(rowsOf(toldOf(mixture, asked, 1)), rowsOf(toldOf(mixture, asked, 3)));
  });

  const x = [['x', 'float32', [2]]] as const;
  const refused: readonly (readonly [string, MixedRows])[] = [
    ['a row that begins as none of the ends', toldOf(mixtureOf(x, [0]), [{ start: 4, players: [] }])],
    ['a row that begins before the patient', toldOf(mixtureOf(x, [0]), [{ start: -1, players: [] }])],
    ['rows that are not told', { ...toldOf(mixtureOf(x, [0]), []), feeds: {} }],
  ];
  for (const [what, told] of refused) it(`refuse ${what}`, () => assert.throws(() => rowsOf(told)));
});
