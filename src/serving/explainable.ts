/** What of a model can be explained, and by which methods: as metadata and /openapi.json say it. */
import type { Manifest } from '../inference/manifest.ts';
import type { ExplanationMethod, NetworkManifest } from '../inference/network-manifest.ts';

export interface Explainable {
  /** The first where none is asked for. */
  readonly methods: readonly ExplanationMethod[];
  /** The first where none is asked for; of a network there is one. */
  readonly outputs: readonly string[];
  /** Which element of that output, flat, within one patient. */
  readonly element: number;
  readonly scale: 'logit' | 'identity';
  /** Whom patients are compared with. */
  readonly background: string;
}

/** Undefined where the manifest names no method. */
export function explainableOf(manifest: Manifest | NetworkManifest): Explainable | undefined {
  if ('kind' in manifest) {
    if (manifest.explain === undefined) return undefined;
    const { methods, output, element = 0, scale, background } = manifest.explain;
    return { methods, outputs: [output], element, scale, background: background.label };
  }
  if (manifest.explain === undefined) return undefined;
  const { method, scale, baseline } = manifest.explain;
  const outputs = manifest.outputs.flatMap(({ kind, name }) => (kind === 'probability' ? [name] : []));
  return { methods: [method], outputs, element: 0, scale, background: baseline.label };
}

/** Among the parameters of a model's metadata; lists are comma-separated. */
export function explainParameters(
  manifest: Manifest | NetworkManifest,
): Readonly<Record<string, string | number | boolean>> {
  const found = explainableOf(manifest);
  if (found === undefined) return { explainable: false };
  const { methods, outputs, element, scale, background } = found;
  return {
    explainable: true,
    explain_methods: methods.join(','),
    explain_outputs: outputs.join(','),
    explain_element: element,
    explain_scale: scale,
    explain_background: background,
  };
}
