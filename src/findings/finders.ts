import { allergy } from './allergy.ts';
import { duplicate } from './duplicate.ts';
import type { Finder } from './finder.ts';
import type { FindingKind } from './finding.ts';
import { highRiskDrug } from './high-risk-drug.ts';
import { interaction } from './interaction.ts';
import { opioid } from './opioid.ts';
import { pregnancy } from './pregnancy.ts';
import { qt } from './qt.ts';
import { renalDose } from './renal-dose.ts';

/** Every kind with its finder. A new kind is a reviewed file here, a row in this table and a decision record. */
export const finders: Readonly<Record<FindingKind, Finder>> = {
  interaction,
  allergy,
  'renal-dose': renalDose,
  duplicate,
  qt,
  opioid,
  pregnancy,
  'high-risk-drug': highRiskDrug,
};
