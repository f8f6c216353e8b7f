/** What a hostile caller would try, against any CDS Hooks service: tokens, addresses, patients, bodies. */
import type { Check } from '../check.ts';
import { addressChecks } from './addresses.ts';
import { bodyChecks } from './bodies.ts';
import { patientChecks } from './patients.ts';
import { tokenChecks } from './tokens.ts';

export { addressChecks, bodyChecks, patientChecks, tokenChecks };

export const hostileChecks: readonly Check[] = [
  ...tokenChecks,
  ...addressChecks,
  ...patientChecks,
  ...bodyChecks,
];
