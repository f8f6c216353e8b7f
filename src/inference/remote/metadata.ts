/** A model's tensors as a server describes them: the same members in JSON and in protobuf. */
import { z } from 'zod';
import type { Signature, TensorType } from '../runner/protocol.ts';
import { axesOf, typeOf } from './datatype.ts';

const tensors = z
  .array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.int().min(-1)).max(16) }))
  .max(256);

export const modelMetadataSchema = z.object({ inputs: tensors, outputs: tensors });

export const signatureOf = ({ inputs, outputs }: z.output<typeof modelMetadataSchema>): Signature => ({
  inputs: inputs.map(tensorType),
  outputs: outputs.map(tensorType),
});

const tensorType = ({ name, datatype, shape }: z.output<typeof tensors>[number]): TensorType => ({
  name,
  type: typeOf(datatype),
  shape: axesOf(shape),
});
