/** ONNX graphs that run as long, or take as much memory, as their input says. Written by hand, as small-graph.ts is. */
import { bytes, column, elementTypes, number } from './small-graph.ts';

const node = (operator: string, inputs: readonly string[], outputs: readonly string[], ...more: Buffer[]) =>
  bytes(
    1,
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, operator),
    ...more,
  );

const scalar = (name: string, type: 'int64' | 'bool'): Buffer =>
  Buffer.concat([bytes(1, name), bytes(2, bytes(1, number(1, elementTypes[type]), bytes(2)))]);

const whole = (name: string, value: number): Buffer =>
  bytes(5, bytes(1, name), number(3, value), number(20, 2));

/** Rounds of the loop: the largest x. */
const rounds = [
  node('ReduceMax', ['x'], ['largest'], whole('keepdims', 0)),
  node('Cast', ['largest'], ['rounds'], whole('to', elementTypes.int64)),
];

/** Each round hands x on, and where it keeps, a copy of x as well. */
const body = (keeps: boolean): Buffer =>
  Buffer.concat([
    node('Identity', ['going'], ['goes']),
    node('Identity', ['v'], ['next']),
    ...(keeps ? [node('Neg', ['v'], ['kept'])] : []),
    bytes(2, 'body'),
    bytes(11, scalar('round', 'int64')),
    bytes(11, scalar('going', 'bool')),
    bytes(11, column('v', 'float64')),
    bytes(12, scalar('goes', 'bool')),
    bytes(12, column('next', 'float64')),
    ...(keeps ? [bytes(12, column('kept', 'float64'))] : []),
  ]);

const loop = (keeps: boolean): readonly Buffer[] => [
  node(
    'Loop',
    ['rounds', '', 'x'],
    keeps ? ['last', 'copies'] : ['y'],
    bytes(5, bytes(1, 'body'), bytes(6, body(keeps)), number(20, 5)),
  ),
  ...(keeps ? [node('ReduceMax', ['copies'], ['y'], whole('keepdims', 0), axes0)] : []),
];

/** An attribute: axes = [0]. */
const axes0 = bytes(5, bytes(1, 'axes'), number(8, 0), number(20, 7));

const graphOf = (keeps: boolean): Uint8Array =>
  Buffer.concat([
    number(1, 8),
    bytes(
      7,
      ...rounds,
      ...loop(keeps),
      bytes(2, 'loop'),
      bytes(11, column('x', 'float64')),
      bytes(12, column('y', 'float64')),
    ),
    bytes(8, number(2, 17)),
  ]);

/** y = x, after as many rounds as the largest x says; 1e15 of them end with the process. */
export const endless = graphOf(false);

/** y = -x, after as many copies of x in memory as the largest x says. */
export const greedy = graphOf(true);
