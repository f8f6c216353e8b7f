/** One thing that must hold for any bytes. Lives in `<name>.fuzz.ts`. */
export interface FuzzTarget {
  /** @throws whatever breaks the promise: every throw is a finding */
  readonly fuzz: (data: Buffer) => void | Promise<void>;
  /** Inputs to start from. */
  readonly seeds: () => readonly Buffer[];
  /** Words worth inserting. */
  readonly dictionary?: readonly string[];
  /** Ends what the target opened. */
  readonly close?: () => Promise<void>;
}

/** Every target, by name. */
export const targetNames = [
  'json',
  'envelope',
  'prefetch',
  'feedback',
  'quantity',
  'time',
  'chart',
  'csv',
  'app',
] as const;

export type TargetName = (typeof targetNames)[number];

/** Those whose `fuzz` answers at once: libFuzzer then need not wait for the event loop. */
export const isSynchronous = (name: TargetName): boolean => name !== 'prefetch' && name !== 'app';

export const isTargetName = (name: string): name is TargetName => targetNames.some((known) => known === name);

export const targetUrl = (name: TargetName): string => new URL(`./${name}.fuzz.ts`, import.meta.url).href;

export async function loadTarget(name: TargetName): Promise<FuzzTarget> {
  return (await import(targetUrl(name))) as FuzzTarget;
}

export const bytes = (value: unknown): Buffer =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value), 'utf8');

/** The JSON a target reads; undefined where the bytes are none. */
export function jsonOf(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
}
