import { productOf } from '../features/dose-amount.ts';
import type { OrderedDrug, OrderView } from './finder.ts';
import { medicationsOf } from './orders.ts';

/** Does the product's RxNorm dose form contain one of these words? A form that is not known: no. */
export function isLongActingForm(
  { chart, vocabulary }: OrderView,
  { resource }: OrderedDrug,
  forms: readonly string[],
): boolean {
  const product = productOf(resource, vocabulary.drugs, medicationsOf(chart));
  const form = product.kind === 'product' ? (product.form ?? '') : '';
  return forms.some((each) => form.includes(each));
}
