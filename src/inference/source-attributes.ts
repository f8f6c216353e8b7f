/**
 * The 31 source attributes of a predictive decision support intervention (45 CFR 170.315(b)(11)(iv)(B), "HTI-1"):
 * each filled, or said to be unavailable and why.
 */
import { z } from 'zod';

export const sourceAttributeCount = 31;

const text = z.string().trim().min(1);
const numbered = { number: z.int().min(1).max(sourceAttributeCount), category: text, name: text };
const attribute = z.union([
  z.strictObject({ ...numbered, value: text }),
  z.strictObject({ ...numbered, notAvailable: text }),
]);

/** models/<id>/source-attributes.json: numbers 1 to 31, in order, each once. */
export const sourceAttributesSchema = z.strictObject({
  model: text,
  regulation: text,
  attributes: z
    .array(attribute)
    .length(sourceAttributeCount)
    .refine((all) => all.every(({ number }, at) => number === at + 1), 'numbers are not 1 to 31 in order'),
});
