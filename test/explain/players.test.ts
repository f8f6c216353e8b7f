import assert from 'node:assert/strict';
import fc from 'fast-check';
import { playersOfNetwork } from '../../src/explain/players.ts';
import type { NetworkExplain, NetworkInput } from '../../src/inference/network-manifest.ts';
import { inputNamed, manifestOf } from './networks.ts';

const series = inputNamed('series', [
  { name: 'hour', size: 3 },
  { name: 'channel', size: 2, labels: ['heart rate', 'lactate'] },
]);
const x = inputNamed('x', [{ name: 'feature', size: 4, labels: ['age', 'creatinine', 'urea', 'bmi'] }]);
const image = inputNamed('image', [
  { name: 'channel', size: 2 },
  { name: 'pixel row', size: 3 },
  { name: 'pixel column', size: 4 },
]);
const dose = inputNamed('dose', []);

type Rule = NetworkExplain['players'][number];
const players = (input: NetworkInput, rule: Rule) =>
  playersOfNetwork(manifestOf([input], { players: [rule] })).map(({ label, parts }) => ({
    label,
    elements: parts.flatMap((part) => [...part.elements]),
  }));

describe('players of a network', () => {
  const cases: readonly {
    readonly what: string;
    readonly input: NetworkInput;
    readonly rule: Rule;
    readonly expected: Readonly<Record<string, readonly number[]>>;
  }[] = [
    {
      what: 'each hour, counted from 0 where the axis has no words',
      input: series,
      rule: { input: 'series', by: 'position', axis: 'hour' },
      expected: { 'hour 0': [0, 1], 'hour 1': [2, 3], 'hour 2': [4, 5] },
    },
    {
      what: 'each channel over all hours, under its own word',
      input: series,
      rule: { input: 'series', by: 'position', axis: 'channel' },
      expected: { 'heart rate': [0, 2, 4], lactate: [1, 3, 5] },
    },
    {
      what: 'groups of columns; what no group names stands alone, in its place',
      input: x,
      rule: { input: 'x', by: 'group', axis: 'feature', groups: { kidney: ['creatinine', 'urea'] } },
      expected: { age: [0], kidney: [1, 2], bmi: [3] },
    },
    {
      what: 'squares of an image over all its channels, smaller at the edge',
      input: image,
      rule: { input: 'image', by: 'patch', size: 2 },
      expected: {
        'rows 0–1, columns 0–1': [0, 1, 4, 5, 12, 13, 16, 17],
        'rows 0–1, columns 2–3': [2, 3, 6, 7, 14, 15, 18, 19],
        'row 2, columns 0–1': [8, 9, 20, 21],
        'row 2, columns 2–3': [10, 11, 22, 23],
      },
    },
    {
      what: 'an input as a whole',
      input: x,
      rule: { input: 'x', by: 'whole' },
      expected: { 'Input x': [0, 1, 2, 3] },
    },
    {
      what: 'an input without axes is one element',
      input: dose,
      rule: { input: 'dose', by: 'whole' },
      expected: { 'Input dose': [0] },
    },
  ];
  for (const { what, input, rule, expected } of cases) {
    it(what, () => {
      assert.deepEqual(
        players(input, rule),
        Object.entries(expected).map(([label, elements]) => ({ label, elements })),
      );
    });
  }

  it('stand in the order of the manifest, each with its input', () => {
    const manifest = manifestOf([x, series], {
      players: [
        { input: 'series', by: 'position', axis: 'channel' },
        { input: 'x', by: 'whole' },
      ],
    });
    assert.deepEqual(
      playersOfNetwork(manifest).map(({ label, parts }) => [label, parts[0]?.input]),
      [
        ['heart rate', 'series'],
        ['lactate', 'series'],
        ['Input x', 'x'],
      ],
    );
  });

  it('share out every element of an image exactly once, whatever the size of the squares', () => {
    const sizes = fc.record({
      height: fc.integer({ min: 1, max: 9 }),
      width: fc.integer({ min: 1, max: 9 }),
      size: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(sizes, ({ height, width, size }) => {
        const input = inputNamed('image', [
          { name: 'row', size: height },
          { name: 'column', size: width },
        ]);
        const all = players(input, { input: 'image', by: 'patch', size }).flatMap(({ elements }) => elements);
        assert.deepEqual(
          all.toSorted((a, b) => a - b),
          [...Array(height * width).keys()],
        );
      }),
    );
  });
});
