/** What one model's infer address takes, as JSON Schema. */
import type { Manifest, ManifestInput } from '../inference/manifest.ts';
import type { NetworkInput, NetworkManifest } from '../inference/network-manifest.ts';
import { datatypes } from '../inference/tensor.ts';
import { datatypesOf, mayBeMissing } from './signature.ts';

export interface Json {
  readonly [name: string]: unknown;
}

/** The general request, with this model's inputs. */
export const modelRequest = ({ inputs }: Manifest): Json => requestOf(inputs.map(tensorSchema));

export const networkRequest = ({ inputs }: NetworkManifest): Json => requestOf(inputs.map(arraySchema));

const requestOf = (tensors: readonly Json[]): Json => ({
  allOf: [
    { $ref: '#/components/schemas/InferRequest' },
    { type: 'object', properties: { inputs: { type: 'array', items: { oneOf: tensors } } } },
  ],
});

function arraySchema({ name, label, dtype, unit, axes, valid, missing }: NetworkInput): Json {
  const shape = ['rows', ...axes.map((axis) => `${axis.name} ${axis.size}`)].join(', ');
  const within = `${unit === undefined ? '' : ` in ${unit}`}, ${valid.min} to ${valid.max}`;
  const nothing = missing === undefined ? '' : ' NaN, null in JSON: not measured.';
  return {
    title: label,
    description: `${label}${within}; shape [${shape}].${nothing}`,
    type: 'object',
    required: ['name', 'shape', 'datatype'],
    properties: {
      name: { const: name },
      datatype: { const: datatypes[dtype] },
      shape: {
        type: 'array',
        items: { type: 'integer' },
        minItems: axes.length + 1,
        maxItems: axes.length + 1,
      },
    },
  };
}

function tensorSchema(input: ManifestInput): Json {
  const element = elementSchema(input);
  const missing = mayBeMissing(input) ? ' May be missing.' : '';
  return {
    title: input.label,
    description: `${meaningOf(input)}${missing}`,
    type: 'object',
    required: ['name', 'shape', 'datatype'],
    properties: {
      name: { const: input.name },
      datatype: { enum: datatypesOf(input) },
      data: {
        type: 'array',
        items: { anyOf: [element, { type: 'array', items: element, minItems: 1, maxItems: 1 }] },
      },
    },
  };
}

function meaningOf(input: ManifestInput): string {
  switch (input.kind) {
    case 'number': {
      const { min, max, integer } = input.valid;
      return `${input.label} in ${input.unit}, ${min} to ${max}${integer ? ', whole' : ''}.`;
    }
    case 'boolean':
      return `${input.label}: true or false, 1 or 0.`;
    case 'category':
      return `${input.label}: one of ${Object.keys(input.codes).join(', ')}.`;
    case 'control':
      return `${input.label}: one of ${Object.keys(input.codes).join(', ')}; no fact of the patient.`;
  }
}

/** Ranges are not part of it: a request may waive them. */
function elementSchema(input: ManifestInput): Json {
  switch (input.kind) {
    case 'number':
      return { type: ['number', 'null'] };
    case 'boolean':
      return { type: ['boolean', 'number', 'null'] };
    case 'category':
    case 'control':
      return { type: ['string', 'null'] };
  }
}
