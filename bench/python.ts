// Python environments of the benches: made once, with the versions that a requirements file pins.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @param folder where the environment is, or is to be made; without it a temporary one. @returns its bin folder */
export function environment(
  requirements: string,
  folder = mkdtempSync(join(tmpdir(), 'auscult-python-')),
): string {
  const bin = join(folder, 'bin');
  const python = join(bin, 'python');
  if (!existsSync(python)) execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return bin;
}

/** `numpy 1.26.4, …, Python 3.11.2` */
export function versionsOf(requirements: string, bin: string): string {
  const pinned = readFileSync(requirements, 'utf8').trim().split('\n').join(', ').replaceAll('==', ' ');
  return `${pinned}, ${execFileSync(join(bin, 'python'), ['--version'], { encoding: 'utf8' }).trim()}`;
}
