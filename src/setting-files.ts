/** Files and folders that a setting names. */
import { readdirSync, readFileSync } from 'node:fs';
import { SettingError, type SettingName } from './settings.ts';

/** @throws SettingError: the setting and the system's own code, never what is in the file */
export const fileOf = (name: SettingName, path: string): string =>
  legible(name, 'file', () => readFileSync(path, 'utf8'));

/** The folder itself, when it can be listed. @throws SettingError: the setting and the system's own code */
export function folderOf(name: SettingName, path: string): string {
  legible(name, 'folder', () => readdirSync(path));
  return path;
}

function legible<T>(name: SettingName, what: 'file' | 'folder', read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new SettingError(`${name}: the ${what} cannot be read (${code})`);
  }
}
