/** What a process and its children cost, read from /proc (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc/<pid>/stat (USER_HZ, 100 on every Linux that Node runs on). */
const ticksPerSecond = 100;

interface Stat {
  readonly parent: number;
  /** User and system time of the process and of children it has waited for. */
  readonly cpuMs: number;
}

/** CPU milliseconds spent so far, by process id: the process itself and every living descendant. */
export function cpuMsOf(root: number): ReadonlyMap<number, number> {
  return new Map([...familyOf(root)].map(([pid, { cpuMs }]) => [pid, cpuMs]));
}

/** Resident memory of the process and every living descendant, in MiB. Shared pages count once per process. */
export function residentMibOf(root: number): ReadonlyMap<number, number> {
  return new Map([...familyOf(root).keys()].map((pid) => [pid, residentMib(pid)]));
}

export const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, each) => sum + each, 0);

function familyOf(root: number): ReadonlyMap<number, Stat> {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(Number(name));
      return stat === undefined ? [] : [[Number(name), stat] as const];
    });
  const family = new Map(all.filter(([pid]) => pid === root));
  for (let before = -1; before !== family.size; ) {
    before = family.size;
    for (const [pid, stat] of all) if (family.has(stat.parent)) family.set(pid, stat);
  }
  return family;
}

/** proc(5): fields after the name in parentheses; 4 is the parent, 14 to 17 are the times. Undefined when it has ended. */
function statOf(pid: number): Stat | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { parent: field(4), cpuMs: (ticks * 1000) / ticksPerSecond };
}

const residentMib = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) / 1024;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
