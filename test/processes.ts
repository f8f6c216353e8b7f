/** What Linux says of the processes that a server consists of. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** Direct children. Empty where there is no /proc. */
export function childrenOf(pid: number): readonly number[] {
  return pids().filter((each) => Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${each}/status`))?.[1]) === pid);
}

/** The process, its children and theirs. */
export const familyOf = (pid: number): readonly number[] => [pid, ...childrenOf(pid).flatMap(familyOf)];

/** Resident memory in bytes. */
export const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

export const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();

/** Kernel names of the sockets that a process holds: inodes as in /proc/net/tcp. */
export function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Remote addresses of a process's TCP and UDP sockets, as the kernel's tables say; unconnected ones left out. */
export function remotesOf(pid: number): readonly string[] {
  const own = new Set(socketsOf(pid));
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
    read(`/proc/${pid}/net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => own.has(columns[9] ?? '') && !/^0+:0000$/.test(columns[2] ?? ''))
      .map((columns) => addressOf((columns[2] ?? '').split(':')[0] ?? '')),
  );
}

/** The kernel writes each 32-bit word in the machine's own byte order. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  const v4 = bytes.slice(-4).join('.');
  if (bytes.length === 4) return v4;
  const head = Buffer.from(bytes.slice(0, 12)).toString('hex');
  if (head === '00000000000000000000ffff') return v4;
  return head === '000000000000000000000000' && v4 === '0.0.0.1' ? '::1' : Buffer.from(bytes).toString('hex');
}
