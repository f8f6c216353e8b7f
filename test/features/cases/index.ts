import { allergies } from './allergies.ts';
import { answers } from './answers.ts';
import { pressure } from './blood-pressure.ts';
import { body } from './body.ts';
import type { Case } from './case.ts';
import { conditions } from './conditions.ts';
import { people } from './demographics.ts';
import { kidney } from './kidney.ts';
import { measured } from './measured.ts';
import { drugs } from './medications.ts';

/** Every rule, by topic. */
export const cases: Readonly<Record<string, readonly Case[]>> = {
  'measured values': measured,
  'blood pressure': pressure,
  'kidney function': kidney,
  'body mass': body,
  'coded answers': answers,
  conditions,
  medications: drugs,
  allergies,
  demographics: people,
};
