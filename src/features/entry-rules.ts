import type { Entry, EntryFrom } from './entry.ts';
import { isFormula, resultOf } from './formulas.ts';

/** A rule between the fields of one entry that it breaks. */
interface Fault {
  readonly field: string;
  readonly rule: string;
}

/** What an entry gives. */
type Gives = 'number' | 'presence' | 'word' | 'either';

/**
 * Unit and pick must say what the entry gives: a number has a unit, presence has `pick: any` (or answers) and no unit,
 * a word has no unit. Undefined: nothing is wrong.
 */
export function shapeFault(entry: Entry): Fault | undefined {
  return answersFault(entry) ?? pickFault(entry) ?? unitFault(entry, givenBy(entry));
}

function givenBy({ from, pick }: Entry): Gives {
  switch (from.kind) {
    case 'observation':
      if (pick === 'any') return 'presence';
      if (from.answers === undefined || pick === 'count') return 'number';
      return 'word' in from.answers ? 'word' : 'presence';
    case 'condition':
    case 'medication':
    case 'allergy':
    case 'procedure':
    case 'declined':
    case 'ordered':
      return 'presence';
    case 'dose':
      return 'number';
    case 'encounter':
      return givenByVisit(from.field);
    case 'demographic':
      return 'either';
    case 'derived':
      return isFormula(from.formula) ? resultOf(from.formula) : 'either';
  }
}

function givenByVisit(field: EntryFrom<'encounter'>['from']['field']): Gives {
  switch (field) {
    case 'inpatient':
    case 'acuteAdmission':
    case 'hospice':
    case 'leavesElsewhere':
      return 'presence';
    case 'lengthOfStay':
    case 'emergencyVisits':
    case 'admissions':
      return 'number';
    case 'dischargeDisposition':
      return 'word';
  }
}

function unitFault(entry: Entry, gives: Gives): Fault | undefined {
  const { unit, from } = entry;
  if (gives === 'number' && unit === undefined)
    return { field: 'unit', rule: 'is required for a measured value' };
  if ((gives === 'presence' || gives === 'word') && unit !== undefined)
    return { field: 'unit', rule: 'is for numbers' };
  if (from.kind === 'encounter' && from.field === 'lengthOfStay' && unit !== 'd')
    return { field: 'unit', rule: 'must be d for a length of stay' };
  return undefined;
}

/** Presence of anything but a coded answer is written `pick: any`: that is how packages know it for yes or no. */
function pickFault(entry: Entry): Fault | undefined {
  const { from, pick } = entry;
  if (from.kind === 'observation') return undefined;
  const gives = givenBy(entry);
  if (gives === 'presence' && pick !== 'any') return { field: 'pick', rule: 'must be any for presence' };
  if ((gives === 'number' || gives === 'word') && pick !== 'latest')
    return { field: 'pick', rule: 'must be latest' };
  return undefined;
}

/** The worst of coded answers, their mean, or the days with a number, means nothing. */
function answersFault({ from, pick }: Entry): Fault | undefined {
  const ordinal = pick === 'min' || pick === 'max' || (typeof pick === 'object' && !('latestBefore' in pick));
  return from.kind === 'observation' && from.answers !== undefined && ordinal
    ? { field: 'pick', rule: 'is not for coded answers' }
    : undefined;
}
