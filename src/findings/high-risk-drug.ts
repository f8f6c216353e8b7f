import { cautionTable, valuesOf } from './caution.ts';
import { cautionsOf } from './caution-judgement.ts';
import type { Finder } from './finder.ts';
import { readRules } from './rules.ts';

const { groups } = readRules(cautionTable, 'older-adults.json');

/**
 * Drugs that ask for caution in older adults (named after the AGS Beers Criteria 2023, in our own words) and in heart
 * failure: vocabulary/rules/older-adults.json. Never more than a warning. Age unknown, or a condition that cannot be
 * told: silent, unless the row asks.
 */
export const highRiskDrug: Finder = {
  kind: 'high-risk-drug',
  needs: valuesOf(groups),
  lists: ['medications'],
  find: (view) => cautionsOf('high-risk-drug', groups, view),
};
