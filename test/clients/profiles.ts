import { join } from 'node:path';
import { type ClientProfile, loadProfiles } from '../../src/hooks/profile.ts';
import { root } from '../card/package.ts';

/** The shipped profiles. */
export const profiles = loadProfiles(join(root, 'clients'));

export function profileOf(id: string): ClientProfile {
  const found = profiles.get(id);
  if (found === undefined) throw new Error(`no profile ${id}`);
  return found;
}
