import type { Strength } from '../check.ts';
import type { Answer, Body, Target } from '../target.ts';
import { authorizationFor, type Ground } from './ground.ts';
import { headOf, type Piece, type RawAnswer, type RawRequest, sendRaw } from './raw-http.ts';

/** One request that is broken, or that would break something. */
export interface BodyAttack {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  /** Default `practice`. */
  readonly strength?: Strength;
  /** The standards leave it open whether this is an error: 200 is right as well, if the answer holds nothing unsafe. */
  readonly open?: boolean;
  /** HTTP itself refuses it: no FHIR body can be asked for. */
  readonly transport?: boolean;
  /** Statuses above 499 that are right here. */
  readonly orElse?: readonly number[];
  /** What must not come back on a card. */
  readonly unsafe?: RegExp;
  readonly send: (stage: Stage) => Promise<Answer | RawAnswer>;
}

/** What an attack works with. */
export interface Stage {
  readonly target: Target;
  readonly ground: Ground;
  /** A fresh correct request with `marker` in an extension. */
  readonly request: () => Body;
  /** It as JSON. */
  readonly text: () => string;
}

/** Text that no answer may repeat. */
export const marker = 'kit-marker-7c1f09ab';

export function stageOf(target: Target, ground: Ground): Stage {
  const request = (): Body => ({ ...ground.request(), extension: { 'org.example.kit': { marker } } });
  return { target, ground, request, text: () => JSON.stringify(request()) };
}

/** POSTs this to the hook endpoint, with a correct token. */
export const post = (
  { target, ground }: Stage,
  body: string | Uint8Array | Body,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => target.call(ground.service, body, { headers });

/** JSON with one more member, written as it is. */
export const withRaw = (text: string, member: string): string => `${text.slice(0, -1)},${member}}`;

export interface RawPost extends Partial<RawRequest> {
  readonly pieces?: Iterable<Piece> | AsyncIterable<Piece>;
  readonly hangUp?: boolean;
  readonly withinMs?: number;
  /** Default `application/json`; empty: no such header. */
  readonly type?: string;
}

/** One request written by hand, to the hook endpoint unless said otherwise, with a correct token for its path. */
export async function raw(
  { target, ground }: Stage,
  { lines = [], pieces = [], ...rest }: RawPost,
): Promise<RawAnswer> {
  const { path = ground.path, method = 'POST', type = 'application/json', ...sending } = rest;
  const authorization = await authorizationFor(target, path);
  const all = [
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
    ...lines,
  ];
  const head = headOf(target, { method, path, lines: all });
  return sendRaw(target, { ...sending, pieces: after(head, pieces) });
}

async function* after(head: string, pieces: Iterable<Piece> | AsyncIterable<Piece>): AsyncGenerator<Piece> {
  yield head;
  yield* pieces;
}

export const lengthOf = (text: string): string => `Content-Length: ${Buffer.byteLength(text)}`;
