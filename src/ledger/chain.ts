/**
 * The chain of one issuer: every entry carries the hash of the one before it, so that none can be edited, removed or
 * moved unseen (reliability.md §5). The same text is the name of the place its document is sealed for: whoever
 * recomputes hashes without the key is found out by the next document that does not open.
 */
import { hash } from 'node:crypto';
import type { ChainReport } from './ledger.ts';

/** The hash before the first entry. */
export const noHash = '0'.repeat(64);

export type EntryKind = 'decision' | 'feedback' | 'purge';

/** What an entry says in clear. It stays when its document is purged. */
export interface Link {
  readonly issuer: string;
  /** 1, 2, 3… in the issuer's chain. */
  readonly seq: number;
  /** Hash of the entry before. */
  readonly previous: string;
  readonly kind: string;
  /** A decision's id, feedback's key. */
  readonly name: string;
  /** The decision that feedback was joined to. */
  readonly decision: string | null;
  /** Milliseconds since 1970: decided, received. */
  readonly at: number;
  /** JSON, kept to the letter. */
  readonly facts: string;
}

/** A link as it lies in the ledger. */
export interface ChainedLink extends Link {
  /** Hex SHA-256 of the sealed bytes. */
  readonly digest: string;
  readonly hash: string;
}

/** How far a chain has come. */
export interface ChainEnd {
  readonly length: number;
  readonly head: string;
}

export const emptyChain: ChainEnd = { length: 0, head: noHash };

/** Hex SHA-256. */
export const digestOf = (bytes: string | Uint8Array): string => hash('sha256', bytes, 'hex');

/** The link in clear, as one text: what its hash and the place of its document are made of. */
export const textOf = ({ issuer, seq, previous, kind, name, decision, at, facts }: Link): string =>
  JSON.stringify([previous, issuer, seq, kind, name, decision, at, facts]);

/** Hex SHA-256 over the previous hash and the link's clear facts (its text), and the digest of its document. */
export const hashOf = (text: string, digest: string): string => digestOf(`${text}${digest}`);

/** What the link's document is sealed for: this place in this chain, this key, this patient. */
export const placeOf = (text: string, dataKey: string, patient: string | null): string =>
  `${text}${JSON.stringify([dataKey, patient])}`;

/** A gap longer than this is told by its first numbers only. */
const longestGap = 1000;

/**
 * Recomputes one chain.
 * @param links all of them, by seq
 * @param end how far the chain says it has come, read after the last link
 * @param holds whether the document behind a link is still what was sealed there, or was rightly purged
 * @param heads which hashes to look for
 */
export async function checkChain<T extends ChainedLink>(
  issuer: string,
  links: AsyncIterable<T>,
  end: () => ChainEnd | Promise<ChainEnd>,
  holds: (link: T) => Promise<boolean>,
  heads: ReadonlySet<string>,
): Promise<ChainReport> {
  const broken: number[] = [];
  const passed: string[] = [];
  let last: Pick<ChainedLink, 'seq' | 'hash'> = { seq: 0, hash: noHash };
  for await (const link of links) {
    broken.push(...between(last.seq, link.seq));
    const follows = link.seq > last.seq + 1 || (link.seq === last.seq + 1 && link.previous === last.hash);
    if (!follows || hashOf(textOf(link), link.digest) !== link.hash || !(await holds(link)))
      broken.push(link.seq);
    if (heads.has(link.hash)) passed.push(link.hash);
    last = link;
  }
  const { length, head } = await end();
  broken.push(...between(last.seq, length + 1));
  const ends = last.seq === length && last.hash === head;
  if (!ends && last.seq >= length && broken.at(-1) !== last.seq) broken.push(last.seq);
  return { issuer, length, head, broken, passed };
}

/** The numbers that are missing between two. */
const between = (before: number, after: number): number[] =>
  Array.from(
    { length: Math.max(0, Math.min(after - before - 1, longestGap)) },
    (_, index) => before + 1 + index,
  );
