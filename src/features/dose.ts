import type { MedicationRequest, Resource } from '@medplum/fhirtypes';
import { isRecord, recordsIn, statusCodesOf } from '../fhir/coding.ts';
import type { DrugIndex } from '../fhir/medication.ts';
import { type Amount, amountsOf, type Product, productOf } from './dose-amount.ts';
import { daysOf, timesPerDay } from './dose-rate.ts';
import { type Missing, missing } from './feature.ts';

/** How much of each ingredient an order gives a day, or why that cannot be told. */
export type DailyDose =
  | {
      readonly kind: 'dose';
      /** Every instruction is as needed; the amount is then the most that may be taken. */
      readonly prn: boolean;
      /** Per ingredient (RxNorm), in `mg/d`, `[iU]/d` or `meq/d`; a patch that gives a rate in `ug/h`. */
      readonly perDay: readonly {
        readonly ingredient: string;
        readonly amount: number;
        readonly unit: string;
      }[];
      readonly notes: readonly string[];
    }
  | Missing;

type Instruction = Readonly<Record<string, unknown>>;
interface Given {
  readonly kind: 'given';
  readonly amounts: readonly Amount[];
  readonly notes: readonly string[];
}

const untold = (detail: string): Missing => missing('unsuitable', detail);
const isMissing = (each: Given | Missing): each is Missing => each.kind === 'missing';
const given = (amounts: readonly Amount[], notes: readonly string[]): Given => ({
  kind: 'given',
  amounts,
  notes,
});

/**
 * The daily dose of an order: dose × strength × times a day, each read from coded elements alone. Instructions that
 * run side by side add up; steps of a taper, words, dates and infusions are no daily dose. docs/daily-dose.md has
 * every rule. Never throws; amounts are finite and never negative.
 */
export function dailyDose(
  request: MedicationRequest,
  drugs: DrugIndex,
  medications: ReadonlyMap<string, Resource>,
): DailyDose {
  const product = productOf(request, drugs, medications);
  if (product.kind === 'missing') return product;
  if (product.ingredients.length === 0) return { kind: 'dose', prn: false, perDay: [], notes: [local] };
  const instructions = recordsIn(request, 'dosageInstruction');
  if (instructions.length === 0) return missing('not-recorded', 'the order has no dosage instruction');
  if (areSteps(instructions)) return untold('the dose changes in steps (taper)');
  const all: Given[] = [];
  for (const instruction of instructions) {
    const each = givenBy(instruction, product, drugs);
    if (isMissing(each)) return each;
    all.push(each);
  }
  const perDay = summed(all.flatMap(({ amounts }) => amounts));
  if (perDay.some(({ amount }) => !Number.isFinite(amount)))
    return missing('implausible', 'the dose is too large');
  return {
    kind: 'dose',
    prn: instructions.every(isAsNeeded),
    perDay,
    notes: [...new Set(all.flatMap(({ notes }) => notes))],
  };
}

const local = 'a form that does not act systemically';

/** Different sequence numbers follow each other (R4 Dosage.sequence); so do instructions with different bounds. */
function areSteps(instructions: readonly Instruction[]): boolean {
  const differ = (values: readonly unknown[]) =>
    new Set(values.map((each) => JSON.stringify(each) ?? '')).size > 1;
  const numbered = instructions.filter(({ sequence }) => sequence !== undefined && sequence !== null);
  return differ(numbered.map(({ sequence }) => sequence)) || differ(instructions.map(boundsOf));
}

function boundsOf({ timing }: Instruction): unknown {
  const repeat = isRecord(timing) && isRecord(timing.repeat) ? timing.repeat : {};
  return [repeat.boundsPeriod, repeat.boundsDuration, repeat.boundsRange];
}

const isAsNeeded = ({ asNeededBoolean, asNeededCodeableConcept }: Instruction): boolean =>
  asNeededBoolean === true || isRecord(asNeededCodeableConcept);

/** What one instruction gives a day. As needed: at its stated maximum, else as often as it may be taken. */
function givenBy(instruction: Instruction, product: Product, drugs: DrugIndex): Given | Missing {
  const dose = doseOf(instruction, product, drugs);
  const most = mostPerDay(instruction.maxDosePerPeriod, product, drugs);
  const asNeeded = isAsNeeded(instruction);
  const prnNotes = asNeeded ? ['as needed: counted at its stated maximum'] : [];
  if (!isMissing(dose) && dose.amounts.every(({ unit }) => unit === 'ug/h')) return dose;
  const rate = timesPerDay(instruction.timing);
  if (isMissing(dose) || rate.kind === 'missing') {
    if (asNeeded && most !== undefined) return given(most, prnNotes);
    return isMissing(dose) ? dose : rate.kind === 'missing' ? rate : dose;
  }
  const daily = dose.amounts.map((each) => ({ ...each, value: each.value * rate.perDay }));
  const capped = daily.map((each) => capOf(each, most));
  const cut = capped.some((each, at) => each.value !== daily[at]?.value);
  const limit = cut ? ['limited to the stated maximum'] : [];
  return given(capped, [...prnNotes, ...dose.notes, ...rate.notes, ...limit]);
}

function capOf(amount: Amount, most: readonly Amount[] | undefined): Amount {
  const cap = most?.find(({ ingredient, unit }) => ingredient === amount.ingredient && unit === amount.unit);
  return cap === undefined || cap.value >= amount.value ? amount : cap;
}

/** The dose of one administration: of several statements (ordered, calculated) all that can be read must agree. */
function doseOf(instruction: Instruction, product: Product, drugs: DrugIndex): Given | Missing {
  const stated = recordsIn(instruction, 'doseAndRate').toSorted((one, other) => rank(one) - rank(other));
  const legacy = instruction.doseQuantity ?? instruction.doseRange;
  const all = stated.length === 0 && legacy !== undefined ? [instruction] : stated;
  const read = all.map((each) => quantityDose(each, product, drugs));
  const [first, ...others] = read.filter((each) => !isMissing(each));
  if (first === undefined) return read.find(isMissing) ?? wordsOnly(instruction);
  if (others.some((each) => !agree(first.amounts, each.amounts))) {
    return missing('conflicting', 'the dose is stated twice and differs');
  }
  return first;
}

const rank = ({ type }: Instruction): number => (statusCodesOf(type).includes('ordered') ? 0 : 1);

function agree(one: readonly Amount[], other: readonly Amount[]): boolean {
  return one.every(({ ingredient, unit, value }) => {
    const same = other.find((each) => each.ingredient === ingredient && each.unit === unit);
    return same !== undefined && Math.abs(same.value - value) <= 1e-6 * value;
  });
}

const wordsOnly = ({ text, patientInstruction }: Instruction): Missing =>
  typeof text === 'string' || typeof patientInstruction === 'string'
    ? untold('the dose stands in words only')
    : missing('not-recorded', 'no dose is stated');

function quantityDose(stated: Instruction, product: Product, drugs: DrugIndex): Given | Missing {
  const { doseQuantity, doseRange, rateQuantity, rateRatio, rateRange } = stated;
  if (isRecord(doseRange)) return rangeDose(doseRange, product, drugs);
  if (doseQuantity === undefined || doseQuantity === null) {
    const infusion = [rateQuantity, rateRatio, rateRange].some((each) => each !== undefined && each !== null);
    return infusion
      ? untold('an infusion rate is no daily dose')
      : missing('not-recorded', 'no dose is stated');
  }
  const amounts = amountsOf(doseQuantity, product, drugs);
  return 'kind' in amounts ? amounts : given(amounts, []);
}

/** A closed range counts at its high end; an open one is no dose. */
function rangeDose({ low, high }: Instruction, product: Product, drugs: DrugIndex): Given | Missing {
  if (!isRecord(low) || !isRecord(high)) return untold('the range of the dose is open');
  const [from, to] = [amountsOf(low, product, drugs), amountsOf(high, product, drugs)];
  if ('kind' in to) return to;
  if ('kind' in from) return from;
  if (from.some(({ value }, at) => value > (to[at]?.value ?? 0)))
    return untold('the range of the dose runs backwards');
  return given(to, ['the highest dose of the stated range counts']);
}

/** maxDosePerPeriod (a Ratio; a list of them in R5) per day; undefined: none, or not to be read. */
function mostPerDay(ratio: unknown, product: Product, drugs: DrugIndex): readonly Amount[] | undefined {
  const first = Array.isArray(ratio) ? ratio[0] : ratio;
  if (!isRecord(first) || !isRecord(first.denominator)) return undefined;
  const { value, code, unit } = first.denominator;
  const length = [code, unit].map((each) => (typeof each === 'string' ? daysOf(timeWord(each)) : undefined));
  const period = length.find((each) => each !== undefined);
  if (typeof value !== 'number' || !(value > 0) || period === undefined) return undefined;
  const amounts = amountsOf(first.numerator, product, drugs);
  if ('kind' in amounts) return undefined;
  return amounts.map((each) => ({ ...each, value: each.value / (value * period) }));
}

const timeWords: Readonly<Record<string, string>> = {
  hour: 'h',
  hours: 'h',
  hr: 'h',
  day: 'd',
  days: 'd',
  week: 'wk',
  weeks: 'wk',
  month: 'mo',
  months: 'mo',
};
const timeWord = (text: string): string => timeWords[text.trim().toLowerCase()] ?? text.trim();

function summed(amounts: readonly Amount[]): readonly { ingredient: string; amount: number; unit: string }[] {
  const groups = Map.groupBy(amounts, ({ ingredient, unit }) => `${ingredient} ${unit}`);
  return [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [
          {
            ingredient: first.ingredient,
            amount: more.reduce((sum, { value }) => sum + value, first.value),
            unit: first.unit === 'ug/h' ? 'ug/h' : `${first.unit}/d`,
          },
        ],
  );
}
