/** What the stages between the chart and the verdict find: values, predictions, findings. */
import type { Deps } from './call.ts';
import { type Evidence, isExcluded } from './card/policy.ts';
import type { Service } from './card/service.ts';
import { extract } from './features/extract.ts';
import { type Chart, chartBefore } from './fhir/chart.ts';
import { findAll } from './findings/findings.ts';
import type { Result } from './inference/model.ts';
import { predictAll } from './inference/predict.ts';
import type { Urgency } from './inference/urgency.ts';

type Stages = Pick<Deps, 'vocabulary' | 'models'>;

/**
 * For all services of one call at once: each value is extracted, each model run and each kind looked for once. A
 * service that is excluded whatever its models say asks none of them.
 * @throws Fault model-unavailable, deadline-passed
 */
export async function evidenceOf(
  chart: Chart,
  services: readonly Service[],
  { vocabulary, models }: Stages,
  urgency: Urgency,
): Promise<Required<Evidence>> {
  const names = unique(services.flatMap(({ needed }) => needed.map(({ name }) => name)));
  const features = extract(chart, vocabulary, names);
  const open = services.filter((service) => !isExcluded(service, features));
  const asked = unique(open.flatMap((service) => service.models)).map((id) => models.get(id));
  const [results, ...earlier] = await Promise.all([
    predictAll(asked, features, urgency),
    ...open.map((service) => earlierResults(chart, service, { vocabulary, models }, urgency)),
  ]);
  const kinds = unique(services.flatMap((service) => service.findings));
  return { features, results, earlier: earlier.flat(), ...findAll(kinds, chart, vocabulary, features) };
}

/** The trend's model on the chart as it stood before. */
async function earlierResults(
  chart: Chart,
  { trend }: Service,
  { vocabulary, models }: Stages,
  urgency: Urgency,
): Promise<readonly Result[]> {
  if (trend === undefined) return [];
  const model = models.get(trend.model);
  const names = model.manifest.inputs.flatMap((input) => (input.kind === 'control' ? [] : [input.value]));
  const features = extract(chartBefore(chart, trend.before), vocabulary, names);
  return predictAll([model], features, urgency);
}

/** What of it one service is about: a decision holds nothing that its service did not look at. */
export function evidenceFor(service: Service, evidence: Required<Evidence>): Required<Evidence> {
  const { features, results, earlier, findings, unchecked } = evidence;
  const own = service.needed.flatMap(({ name }) => {
    const feature = features.get(name);
    return feature === undefined ? [] : [[name, feature] as const];
  });
  return {
    features: new Map(own),
    results: results.filter(({ model }) => service.models.includes(model)),
    earlier: earlier.filter(({ model }) => service.trend?.model === model),
    findings: findings.filter(({ kind }) => service.findings.includes(kind)),
    unchecked: service.findings.length > 0 ? unchecked : [],
  };
}

const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];
