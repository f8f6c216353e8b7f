/** Inputs from inputs, for where libFuzzer does not run: the smoke test and the portable engine. */

/** Numbers in [0, below), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, below);
  };
}

const longest = 64 * 1024;

/** One to eight small changes. */
export function mutate(
  data: Buffer,
  others: readonly Buffer[],
  words: readonly string[],
  random: (below: number) => number,
): Buffer {
  let made = data;
  for (let left = 1 + random(8); left > 0; left--) made = mutateOnce(made, others, words, random);
  return made.subarray(0, longest);
}

function mutateOnce(
  data: Buffer,
  others: readonly Buffer[],
  words: readonly string[],
  random: (below: number) => number,
): Buffer {
  const at = random(data.length + 1);
  const to = Math.min(data.length, at + 1 + random(8));
  const [before, after] = [data.subarray(0, at), data.subarray(at)];
  const other = others[random(others.length)] ?? data;
  switch (random(words.length > 0 ? 8 : 7)) {
    case 0:
      return Buffer.concat([before, data.subarray(to)]);
    case 1:
      return Buffer.concat([before, Buffer.from([random(256)]), after]);
    case 2:
      return Buffer.concat([before, Buffer.from([random(256)]), after.subarray(1)]);
    case 3:
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << random(8))]), after.subarray(1)]);
    case 4:
      return Buffer.concat([data.subarray(0, to), data.subarray(at)]);
    case 5:
      return Buffer.concat([before, other.subarray(random(other.length))]);
    case 6:
      return Buffer.concat([before, Buffer.from(digits[random(digits.length)] ?? ''), after]);
    default:
      return Buffer.concat([before, Buffer.from(words[random(words.length)] ?? ''), after]);
  }
}

const digits = ['0', '9', '-1', '1e308', '99999999999999999999', '\0', '\ufeff', '"', '\\', '}'];
