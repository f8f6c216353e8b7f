import { readableNumber } from '../features/words.ts';
import type { OrderedDrug } from './finder.ts';
import { type OpioidFactor, opioidTable } from './opioid-rules.ts';

/** The morphine equivalent of some orders: what could be counted, and what could not. */
export interface MmeTotal {
  /** MME a day of what was counted; 0 where nothing was. */
  readonly mme: number;
  /** How many orders were counted. */
  readonly counted: number;
  /** `oxycodone 40 mg/d = 60 MME a day`, one per order. */
  readonly parts: readonly string[];
  /** Opioids left out and why, other than those the guideline never counts. */
  readonly excluding: readonly string[];
  /** Opioids that never count (buprenorphine). */
  readonly never: readonly string[];
}

/**
 * Adds up opioid orders by the factors of CDC 2022. Summed in hundredths and divided once, as the sealed model does,
 * so that 50 is exactly 50. An order without a factor, by another route, or whose dose cannot be told adds nothing and
 * is named; one whose route is not stated counts as by mouth, and says so. `useDisorder`: methadone may be its treatment, which the guideline does not count.
 */
export function mmeOf(orders: readonly OrderedDrug[], useDisorder: boolean): MmeTotal {
  let hundredths = 0;
  const [parts, excluding, never]: [string[], string[], string[]] = [[], [], []];
  for (const order of orders) {
    const told = equivalentOf(order, useDisorder);
    switch (told.kind) {
      case 'counted':
        hundredths += told.hundredths;
        parts.push(told.words);
        break;
      case 'excluded':
        excluding.push(told.words);
        break;
      case 'never':
        never.push(told.words);
    }
  }
  return { mme: hundredths / 100, counted: parts.length, parts, excluding, never };
}

type Equivalent =
  | { readonly kind: 'counted'; readonly hundredths: number; readonly words: string }
  | { readonly kind: 'excluded' | 'never'; readonly words: string };

/** The opioids of an order: members of our table, else of the drug set by name. */
function equivalentOf(order: OrderedDrug, useDisorder: boolean): Equivalent {
  const never = opioidTable.neverCounted.find(({ code }) => holds(order, code));
  if (never !== undefined) return { kind: 'never', words: `${never.opioid}: ${never.because}` };
  const name = opioidNameOf(order);
  const factor = opioidTable.factors.find(({ code }) => holds(order, code));
  if (factor === undefined) return { kind: 'excluded', words: `${name}: no factor` };
  if (useDisorder && opioidTable.treatsUseDisorder.includes(factor.code)) {
    return { kind: 'excluded', words: `${name}: it may treat opioid use disorder` };
  }
  return byFactor(order, factor, name);
}

function byFactor(order: OrderedDrug, { code, route, unit, factor }: OpioidFactor, name: string): Equivalent {
  if (order.route !== undefined && order.route !== route) {
    return { kind: 'excluded', words: `${name}: no factor for this route` };
  }
  if (order.dose.kind === 'missing') {
    return { kind: 'excluded', words: `${name}: ${order.dose.detail ?? 'its dose is not known'}` };
  }
  const part = order.dose.perDay.find((each) => each.ingredient === code);
  if (part === undefined || part.unit !== unit) {
    return { kind: 'excluded', words: `${name}: its dose cannot be told in ${unit}` };
  }
  const hundredths = part.amount * Math.round(factor * 100);
  const amount = `${readableNumber(part.amount)} ${unit === 'ug/h' ? 'mcg/h' : 'mg a day'}`;
  const most = order.prn ? ' at most, as needed' : '';
  const byMouth = order.route === undefined && route === 'oral' ? ', route not stated' : '';
  return {
    kind: 'counted',
    hundredths,
    words: `${name} ${amount}${most} (${order.status}${byMouth}): ${readableNumber(hundredths / 100)} MME a day`,
  };
}

const holds = (order: OrderedDrug, code: string): boolean =>
  order.ingredients.some((each) => each.code === code);

/** The opioid among an order's ingredients, by our tables' name; else the first ingredient. */
export function opioidNameOf(order: OrderedDrug): string {
  const known = [...opioidTable.factors, ...opioidTable.neverCounted];
  const opioid = order.ingredients.find(({ code }) => known.some((each) => each.code === code));
  return (opioid ?? order.ingredients.at(-1))?.name.slice(0, 24) ?? 'opioid';
}
