import { codeKey, codeOf, codesOf } from '../fhir/coding.ts';
import type { EntryFrom } from './entry.ts';
import { type Missing, missing } from './feature.ts';
import type { Value } from './measure.ts';
import type { Dated } from './reading.ts';

type Answers = NonNullable<EntryFrom<'observation'>['from']['answers']>;

/**
 * A coded answer: its word (`alert`), or presence (current smoker → true, former → false). An answer that the
 * vocabulary does not have, one that says "unknown", or words without a code are no answer: Missing(unsuitable).
 */
export function readAnswer(answers: Answers, { reading, source }: Dated): Value | Missing {
  const keys = new Set(codesOf(reading.holder.valueCodeableConcept).map(codeKey));
  if (keys.size === 0) return missing('unsuitable', 'the newest answer is not coded', [source()]);
  const known = answers.codes.filter(({ system, code }) => keys.has(codeKey(codeOf(system, code))));
  const [first] = known;
  if (first === undefined)
    return missing('unsuitable', 'the newest answer is not in the vocabulary', [source()]);
  const verdicts = new Set(known.map(({ meaning }) => verdictOf(answers, meaning)));
  if (verdicts.size > 1)
    return missing('conflicting', 'the newest answer carries codes that disagree', [source()]);
  const [verdict] = verdicts;
  if (verdict === undefined)
    return missing('unsuitable', `the newest answer is "${first.display}"`, [source()]);
  return { value: verdict, notes: [`answer: ${first.display}`] };
}

function verdictOf(answers: Answers, meaning: string): boolean | string | undefined {
  if ('word' in answers) return meaning;
  if (answers.present.includes(meaning)) return true;
  return answers.absent.includes(meaning) ? false : undefined;
}
