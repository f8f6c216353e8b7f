/** The port to a sealed network: tensors in, tensors out. */
import type { MixedRows } from './mixture.ts';
import type { Digest, Model } from './model.ts';
import type { NetworkManifest } from './network-manifest.ts';
import type { Tensors } from './tensor.ts';
import type { Urgency } from './urgency.ts';

export interface Network {
  readonly manifest: NetworkManifest;
  readonly digest: Digest;
  /**
   * Computes rows. The feeds are checked before (dtype, shape, range, NaN), the answers after (shape, finite, range).
   * @param only outputs wanted; all without it
   * @throws Fault malformed-inference (details: `<input>: <rule>`, never a value), model-unavailable (also for an answer
   *   outside its range), deadline-passed, overloaded
   */
  run(feeds: Tensors, rows: number, urgency?: Urgency, only?: readonly string[]): Promise<Tensors>;
  /** The same for rows of a mixture, whose ends are checked. @throws Fault as `run` */
  mix(rows: MixedRows, urgency?: Urgency, only?: readonly string[]): Promise<Tensors>;
  /** The gradient graph's outputs for the same feeds; none where the package ships no such graph. */
  readonly gradient?: (feeds: Tensors, rows: number, urgency?: Urgency) => Promise<Tensors>;
  /** Whom patients are compared with; none where the package ships no background. */
  readonly background?: { readonly rows: number; readonly feeds: Tensors };
  /** The bytes of the sealed graph: tree explanations read the trees from it. */
  readonly graph: Uint8Array;
}

/** Of what answers to a name: tensors, or clinical values? */
export const isNetwork = (found: Model | Network): found is Network => 'kind' in found.manifest;
