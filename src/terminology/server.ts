import { z } from 'zod';
import { type BoundedAnswer, BoundedFetchError, boundedFetch } from '../fhir/bounded-fetch.ts';
import type { Code } from '../fhir/coding.ts';
import { deadlineIn } from '../fhir/deadline.ts';

/** Where a terminology server is and how long it is waited for. */
export interface TerminologyServerOptions {
  /** FHIR R4 base, without a slash at its end. */
  readonly base: string;
  /** For one operation, pages included. */
  readonly timeoutMs: number;
  readonly allowPrivateNetwork: boolean;
  /** `Bearer …`, where the server wants one. */
  readonly authorization?: string;
}

export interface ExpandedCode extends Code {
  readonly display?: string;
}

/** All codes of a value set, as the server has it now. */
export interface Expansion {
  readonly version?: string;
  readonly timestamp: string;
  readonly codes: readonly ExpandedCode[];
}

/** FHIR R4 terminology operations. Each throws TerminologyError and nothing else. */
export interface TerminologyServer {
  /** ValueSet/$expand, every page. */
  expand(canonical: string): Promise<Expansion>;
  /** ValueSet/$validate-code: is the code a member? */
  validateCode(canonical: string, code: Code): Promise<boolean>;
}

/** Why a terminology server gave no answer: names no address, token or code. */
export class TerminologyError extends Error {
  override name = 'TerminologyError';
}

const pageSize = 1000;
const mostCodes = 100_000;
const maxBytes = 32 * 1024 * 1024;

interface Contained {
  readonly system?: string | undefined;
  readonly code?: string | undefined;
  readonly display?: string | undefined;
  readonly abstract?: boolean | undefined;
  readonly contains?: readonly Contained[] | undefined;
}
const contained: z.ZodType<Contained> = z.lazy(() =>
  z.object({
    system: z.string().optional(),
    code: z.string().optional(),
    display: z.string().optional(),
    abstract: z.boolean().optional(),
    contains: z.array(contained).optional(),
  }),
);
const expanded = z.object({
  resourceType: z.literal('ValueSet'),
  version: z.string().optional(),
  expansion: z.object({
    timestamp: z.string().min(1),
    total: z.int().min(0).optional(),
    contains: z.array(contained).optional(),
  }),
});
const parameters = z.object({
  resourceType: z.literal('Parameters'),
  parameter: z.array(z.object({ name: z.string(), valueBoolean: z.boolean().optional() })),
});

/** A client over `boundedFetch`: allowed addresses only, no redirect, one deadline, a bounded body. */
export function terminologyServer(options: TerminologyServerOptions): TerminologyServer {
  return {
    async expand(canonical) {
      using deadline = deadlineIn(options.timeoutMs);
      const first = await expandPage(canonical, 0, options, deadline.signal);
      const codes = [...flat(first.expansion.contains)];
      let entries = sizeOf(first.expansion.contains);
      const { total = entries, timestamp } = first.expansion;
      if (total > mostCodes) throw new TerminologyError(`the value set has more than ${mostCodes} codes`);
      while (entries < total) {
        const page = await expandPage(canonical, entries, options, deadline.signal);
        const size = sizeOf(page.expansion.contains);
        if (size === 0) throw new TerminologyError('the expansion ends before its total');
        entries += size;
        codes.push(...flat(page.expansion.contains));
      }
      return { ...(first.version === undefined ? {} : { version: first.version }), timestamp, codes };
    },
    async validateCode(canonical, { system, code }) {
      using deadline = deadlineIn(options.timeoutMs);
      const query = new URLSearchParams({ url: canonical, system, code });
      const answer = await get(`ValueSet/$validate-code?${query}`, parameters, options, deadline.signal);
      const result = answer.parameter.find(({ name }) => name === 'result')?.valueBoolean;
      if (result === undefined) throw new TerminologyError('the answer holds no result');
      return result;
    },
  };
}

const expandPage = (
  canonical: string,
  offset: number,
  options: TerminologyServerOptions,
  signal: AbortSignal,
): Promise<z.infer<typeof expanded>> => {
  const query = new URLSearchParams({ url: canonical, count: String(pageSize), offset: String(offset) });
  return get(`ValueSet/$expand?${query}`, expanded, options, signal);
};

/** Nested entries count too: `total` is of all codes. */
const sizeOf = (entries: readonly Contained[] = []): number =>
  entries.reduce((sum, { contains }) => sum + 1 + sizeOf(contains), 0);

/** The codes of a tree of entries; headings (abstract, or without a code) are none. */
function flat(entries: readonly Contained[] = []): readonly ExpandedCode[] {
  return entries.flatMap(({ system, code, display, abstract, contains }) => [
    ...(system === undefined || code === undefined || abstract === true
      ? []
      : [{ system, code, ...(display === undefined ? {} : { display }) }]),
    ...flat(contains),
  ]);
}

async function get<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  options: TerminologyServerOptions,
  signal: AbortSignal,
): Promise<z.infer<Schema>> {
  const { base, authorization, allowPrivateNetwork } = options;
  const headers = {
    accept: 'application/fhir+json',
    ...(authorization === undefined ? {} : { authorization }),
  };
  let answer: BoundedAnswer;
  try {
    answer = await boundedFetch(`${base}/${path}`, { headers, signal, maxBytes, allowPrivateNetwork });
  } catch (thrown) {
    if (thrown instanceof BoundedFetchError) throw new TerminologyError(thrown.message);
    throw thrown;
  }
  if (answer.status !== 200) throw new TerminologyError(`the server answered ${answer.status}`);
  const read = schema.safeParse(jsonOf(answer.bytes));
  if (!read.success) throw new TerminologyError('the answer is not what the operation returns');
  return read.data;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
