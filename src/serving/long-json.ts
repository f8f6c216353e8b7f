/** The strict JSON reader for long texts, in steps: JSON.parse and the same rules, one part of the text after the other. */
import { isUtf8 } from 'node:buffer';
import { Fault } from '../errors.ts';
import { countKeys, isObject, parseJson, parseJsonObject } from '../fhir/json.ts';
import { atOnce, cutsOf, type Long, type Part } from './json-cuts.ts';
import type { Steps } from './steps.ts';

/**
 * What {@link parseJsonObject} returns for the same bytes, and the fault that it throws; where a text breaks several rules
 * of unsafe-json, the detail may be of another one.
 * @throws Fault malformed-json, unsafe-json
 */
export function* readLongJson(bytes: Buffer): Steps<Record<string, unknown>> {
  if (bytes.length <= atOnce) return parseJsonObject(bytes);
  if (!isUtf8(bytes)) throw new Fault('malformed-json');
  const { text, names } = yield* cutsOf(bytes);
  const found: Found = { keys: 0 };
  const value = yield* textOf(text, bytes, found);
  if (!isObject(value)) throw new Fault('malformed-json');
  if (found.unsafe !== undefined) throw found.unsafe;
  if (found.keys !== names) throw repeated();
  return value;
}

/** In what was read so far. Nothing is refused as unsafe before it is known that all is JSON. */
interface Found {
  keys: number;
  unsafe?: Fault;
}

const repeated = (): Fault => new Fault('unsafe-json', ['a key is repeated']);

/** The text is one value and no list of them: it has no commas of its own. */
function* textOf({ parts: [part, more] }: Long, bytes: Buffer, found: Found): Steps<unknown> {
  if (part === undefined || more !== undefined) throw new Fault('malformed-json');
  const value = parseJson(writtenShort(part, bytes));
  if (part.long !== undefined) return yield* longOf(part.long, bytes, found);
  take(value, found);
  return value;
}

type Members = unknown[] | Record<string, unknown>;

function* longOf({ from, to, parts }: Long, bytes: Buffer, found: Found): Steps<Members> {
  const [open, close] = [bytes.toString('latin1', from, from + 1), bytes.toString('latin1', to - 1, to)];
  const lists: unknown[][] = [];
  const object: Record<string, unknown> = {};
  for (const part of parts) {
    const members = parseJson(`${open}${writtenShort(part, bytes)}${close}`) as Members;
    take(members, found);
    yield;
    // Between two commas, or beside one, there is a member.
    if (parts.length > 1 && isEmpty(members)) throw new Fault('malformed-json');
    if (part.long !== undefined) {
      const value = yield* longOf(part.long, bytes, found);
      for (const key of Object.keys(members)) Object.assign(members, { [key]: value });
    }
    if (Array.isArray(members)) lists.push(members);
    else join(object, members, found);
  }
  return open === '[' ? ([] as unknown[]).concat(...lists) : object;
}

const isEmpty = (members: Members): boolean =>
  Array.isArray(members) ? members.length === 0 : Object.keys(members).length === 0;

/** A long member, which is the only one of its part, as null. */
const writtenShort = ({ from, to, long }: Part, bytes: Buffer): string =>
  long === undefined
    ? bytes.toString('utf8', from, to)
    : `${bytes.toString('utf8', from, long.from)}null${bytes.toString('utf8', long.to, to)}`;

function take(members: unknown, found: Found): void {
  try {
    found.keys += countKeys(members);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    found.unsafe ??= thrown;
  }
}

function join(whole: Record<string, unknown>, members: Record<string, unknown>, found: Found): void {
  for (const [key, member] of Object.entries(members)) {
    if (Object.hasOwn(whole, key)) found.unsafe ??= repeated();
    whole[key] = member;
  }
}
