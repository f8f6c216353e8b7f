import { createInterface } from 'node:readline';

/** Lines of stdin that are not blank. */
export async function* lines(): AsyncGenerator<string> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') yield line;
  }
}

/** One JSON line on stdout. */
export function print(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
