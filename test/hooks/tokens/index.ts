/** Every hostile token there is here. */
import { algorithms } from './algorithms.ts';
import type { Attack } from './attack.ts';
import { claimed } from './claims.ts';
import { forms } from './forms.ts';
import { borrowedKeys, borrowedNames } from './keys.ts';
import { signatures } from './signatures.ts';

export const attacks: readonly Attack[] = [
  ...algorithms,
  ...signatures,
  ...borrowedKeys,
  ...borrowedNames,
  ...claimed,
  ...forms,
];
