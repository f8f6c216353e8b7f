import { lab } from '../sample-chart.ts';
import type { Case } from './case.ts';

export const body: readonly Case[] = [
  {
    rule: 'BMI as recorded',
    value: 'bmi',
    chart: { resources: [lab('39156-5', 27.4, 'kg/m2', '2026-01-01')] },
    expect: 27.4,
  },
  {
    rule: 'BMI from weight and height',
    value: 'bmi',
    chart: { resources: [lab('29463-7', 81, 'kg', '2026-01-01'), lab('8302-2', 180, 'cm', '2024-01-01')] },
    expect: 25,
  },
  {
    rule: 'BMI: a later weight is newer knowledge',
    value: 'bmi',
    chart: {
      resources: [
        lab('39156-5', 30, 'kg/m2', '2025-01-01'),
        lab('29463-7', 81, 'kg', '2026-01-01'),
        lab('8302-2', 180, 'cm', '2024-01-01'),
      ],
    },
    expect: 25,
  },
];
