import type { Service } from '../card/service.ts';
import { typeOf } from '../card/variables.ts';
import { type Feature, type Features, missing } from '../features/feature.ts';
import type { Vocabulary } from '../features/vocabulary.ts';
import type { Written } from './case.ts';

/** A man of 58 without disease or treatment, as a chart that was read whole says it. */
const person: Readonly<Record<string, Written>> = {
  age: 58,
  sex: 'male',
  systolicBloodPressure: 128,
  totalCholesterol: 190,
  hdlCholesterol: 50,
  egfr: 88,
  bmi: 26.4,
};

/**
 * Every value the service needs: as written, else the person's, else "read and not there": absent for presence,
 * not recorded for what is measured.
 * @throws Error for a value that the service does not use
 */
export function featuresOf(
  values: Readonly<Record<string, Written>> = {},
  service: Service,
  vocabulary: Vocabulary,
): Features {
  const all: Readonly<Record<string, Written>> = { ...person, ...values };
  const stray = Object.keys(values).find((name) => !service.needed.some((need) => need.name === name));
  if (stray !== undefined) throw new Error(`${service.id} does not use ${stray}`);
  return new Map(service.needed.map(({ name }) => [name, featureOf(name, all[name], vocabulary)]));
}

function featureOf(name: string, one: Written | undefined, { entries }: Vocabulary): Feature {
  if (one === undefined) {
    const entry = entries.get(name);
    const measured = entry === undefined || typeOf(entry) !== 'boolean';
    return measured ? missing('not-recorded') : { kind: 'observed', value: false, sources: [] };
  }
  if (typeof one !== 'object') return { kind: 'observed', value: one, sources: [] };
  if ('missing' in one) return missing(one.missing);
  return { kind: 'observed', ...one, sources: [] };
}
