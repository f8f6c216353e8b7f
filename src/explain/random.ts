/** Random numbers that a seed repeats: xoshiro128** (Blackman & Vigna 2021), its state from SplitMix32. Not for secrets. */
export interface Random {
  /** 0 included, 1 not; 32 bits of it are random. */
  unit(): number;
  /** 0 … n − 1. */
  below(n: number): number;
  /** The same elements in a random order (Fisher & Yates), every order equally likely. */
  shuffled(elements: Int32Array): Int32Array;
}

/** @param seed its 32 low bits count */
export function randomOf(seed: number): Random {
  const start = splitMix32(seed);
  const next = xoshiro128([start(), start(), start(), start()]);
  const unit = (): number => next() / 0x1_0000_0000;
  const below = (n: number): number => Math.floor(unit() * n);
  return { unit, below, shuffled: (elements) => shuffled(elements, below) };
}

function shuffled(elements: Int32Array, below: (n: number) => number): Int32Array {
  const order = elements.slice();
  for (let left = order.length; left > 1; left--) {
    const drawn = below(left);
    const last = order[left - 1] ?? 0;
    order[left - 1] = order[drawn] ?? 0;
    order[drawn] = last;
  }
  return order;
}

/** xoshiro128** 1.1: numbers of 32 bits. @param state not four zeros */
export function xoshiro128(state: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = state;
  return () => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11);
    return result;
  };
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    const once = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
    return (twice ^ (twice >>> 16)) | 0;
  };
}
