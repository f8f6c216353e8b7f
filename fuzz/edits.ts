import { jsonOf } from './target.ts';

/**
 * Bytes as edits of a sound JSON value: what they make is JSON again, and strange in few places, so it comes further
 * than broken text would. Three bytes an edit: place, what is done, with which value.
 */
export function edited(base: unknown, bytes: Uint8Array): unknown {
  let value = base;
  for (let at = 0; at + 3 <= bytes.length && at < 3 * mostEdits; at += 3) {
    const [where = 0, how = 0, which = 0] = bytes.subarray(at, at + 3);
    const places = pathsOf(value);
    if (places.length > mostPlaces) break;
    // 8 bits do not reach every place of a large value: the edit's number moves the window.
    const path = places[(where * 257 + how * 31 + at) % places.length] ?? [];
    value = replaced(value, path, (old) => change(old, how, oddity(which, value, places)));
  }
  return value;
}

const mostEdits = 40;
const mostPlaces = 10_000;
const longestText = 10_000;

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...members.flatMap(([key, each]) => pathsOf(each, [...at, key]))];
}

const gone = Symbol('gone');

function change(old: unknown, how: number, odd: unknown): unknown {
  switch (how % 8) {
    case 0:
      return gone;
    case 1:
      return [old];
    case 2:
      return Array.isArray(old) ? [...old, odd] : { ...(typeof old === 'object' ? old : {}), odd };
    case 3:
      return typeof old === 'string'
        ? `${old}${typeof odd === 'string' ? odd : ''}`.slice(0, longestText)
        : odd;
    case 4:
      return typeof old === 'number' ? old * -1e6 : odd;
    default:
      return odd;
  }
}

function replaced(value: unknown, path: Path, make: (old: unknown) => unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) {
    const made = make(value);
    return made === gone ? null : made;
  }
  if (Array.isArray(value))
    return value.flatMap((each, at) => (at === head ? kept(step(each, rest, make)) : [each]));
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([name, each]) =>
      name === head ? kept(step(each, rest, make)).map((made) => [name, made]) : [[name, each]],
    ),
  );
}

const step = (value: unknown, rest: Path, make: (old: unknown) => unknown): unknown =>
  rest.length === 0 ? make(value) : replaced(value, rest, make);
const kept = (made: unknown): unknown[] => (made === gone ? [] : [made]);

const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

const oddities: readonly unknown[] = [
  null,
  '',
  ' ',
  'x',
  '\0',
  '0',
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e308,
  5e-324,
  2 ** 53,
  [],
  {},
  [null],
  [[]],
  [{}],
  { coding: null },
  { coding: [null] },
  { coding: [{}] },
  { reference: 1 },
  { reference: '' },
  { reference: 'Patient/other' },
  { reference: '#p' },
  { reference: 'urn:uuid:0' },
  { value: Number.MAX_VALUE },
  { value: 1, unit: 'mg/dL' },
  { value: 1, comparator: '<', code: '%' },
  'Patient/other',
  'Patient/',
  'http://x/Patient/1',
  '2026-02-30',
  '2026-03-15',
  '9999-12-31T23:59:60.999999999Z',
  '0000',
  '2026-03-15T10:00:00+14:00',
  'P1Y',
  'mg/dL',
  'mm[Hg]',
  '10*3/uL',
  '{score}',
  '<script>alert(1)</script>',
  '[a](javascript:b)',
  '\u202e\u200b\ufeff',
  '\ud800',
  '{{y}}',
  'x'.repeat(5000),
  deep(70),
  { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Bundle' } }] },
  { resourceType: 'OperationOutcome', issue: [] },
  { resourceType: 'Patient', id: 'other' },
  { resourceType: 'Observation' },
  { resourceType: 'toString' },
  { link: [{ relation: 'next', url: 'file:///etc/passwd' }] },
];

/** A strange value, or a piece of the value itself from elsewhere. */
function oddity(which: number, value: unknown, places: readonly Path[]): unknown {
  if (which < oddities.length) return oddities[which];
  const path = places[(which * 131) % places.length] ?? [];
  return (
    path.reduce<unknown>(
      (node, key) => (node as Readonly<Record<string | number, unknown>> | null | undefined)?.[key],
      value,
    ) ?? null
  );
}

/** Seeds for a target whose first byte picks a base: every base as it is, and with two edits. */
export const editSeeds = (bases: readonly unknown[]): readonly Buffer[] =>
  bases.flatMap((_, base) =>
    base === 0x7b ? [] : [Buffer.from([base]), Buffer.from([base, 7 * base, base, base, 3, 5, 25])],
  );

/** Bytes that start like an object are JSON text (undefined where they are none); others edit one of the bases. */
export const jsonFrom = (data: Buffer, bases: readonly unknown[]): unknown =>
  data[0] === 0x7b ? jsonOf(data) : edited(bases[(data[0] ?? 0) % bases.length], data.subarray(1));
