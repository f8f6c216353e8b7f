/** A score as its record tells it: the sum, the points of each component and the values behind them. */
import type { Decision, ModelRecord, OutputRecord, ValueRecord } from '../src/ledger/decision.ts';
import { codeWords } from './words.ts';

export interface Score {
  readonly model: string;
  readonly title: string;
  readonly total: OutputRecord;
  /** In the score's own order. Empty where the model gives no points per component. */
  readonly components: readonly Component[];
  /** What else the model says: a second sum, an expected risk. */
  readonly others: readonly OutputRecord[];
  /** The band that the sum falls into, in words. */
  readonly band: string | undefined;
  /** Further words about the answer: which scale was used. */
  readonly remarks: readonly string[];
  /** Values that fed the model, as far as the record says which. */
  readonly inputs: readonly ValueRecord[];
}

export interface Component {
  readonly output: OutputRecord;
  readonly label: string;
  readonly values: readonly ValueRecord[];
}

const suffix = '_points';
const isComponent = ({ name }: OutputRecord): boolean => name.endsWith(suffix);

/** Does this model count points? */
export const isScore = (outputs: readonly OutputRecord[]): boolean =>
  outputs.some((output) => output.unit === '{points}');

/** @param outputs of one model, at least one of them in points */
export function scoreOf(
  decision: Decision,
  model: string,
  outputs: readonly OutputRecord[],
): Score | undefined {
  const sums = outputs.filter((output) => !isComponent(output));
  const total = sums.find(({ unit }) => unit === '{points}');
  if (total === undefined) return undefined;
  const facts: ModelRecord | undefined = decision.models.find(({ id }) => id === model);
  const components = outputs.filter(isComponent).map((output) => component(decision, output));
  const labels = labelsOf(decision, model, facts);
  return {
    model,
    title: facts?.title ?? model,
    total,
    components,
    others: sums.filter((output) => output !== total),
    band: labels.find(({ name }) => bands.includes(name))?.word,
    remarks: labels
      .filter(({ name }) => !bands.includes(name))
      .map(({ label, word }) => (word.startsWith(label) ? word : `${label}: ${word.toLowerCase()}`)),
    inputs: inputsOf(decision, facts),
  };
}

/** Label outputs that name the band of a sum. */
const bands = ['band', 'risk'];

function labelsOf(decision: Decision, model: string, facts: ModelRecord | undefined) {
  if (facts?.labels !== undefined) return facts.labels;
  const result = decision.results.find((each) => each.kind === 'prediction' && each.model === model);
  const labels = result?.kind === 'prediction' ? Object.entries(result.labels) : [];
  return labels.map(([name, word]) => ({ name, label: plain(name), word: plain(word) }));
}

const plain = (code: string): string => codeWords(code.replaceAll('_', '-'));

function inputsOf({ values, results }: Decision, facts: ModelRecord | undefined): readonly ValueRecord[] {
  const inputs = values.filter(({ role }) => role === 'input');
  if (facts?.values !== undefined) return inputs.filter(({ name }) => facts.values?.includes(name));
  return results.length === 1 ? inputs : [];
}

function component({ values }: Decision, output: OutputRecord): Component {
  const stem = output.name.slice(0, -suffix.length);
  const names = behind[stem] ?? [camelCase(stem)];
  const own = output.label.replace(/^points? for /i, '');
  return {
    output,
    label: `${own.charAt(0).toUpperCase()}${own.slice(1)}`,
    values: values.filter(({ name }) => names.includes(name)),
  };
}

const camelCase = (stem: string): string =>
  stem.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Values behind the components of the published scores, by the stem of the output's name. Others go by that name. */
export const behind: Readonly<Record<string, readonly string[]>> = {
  respiratory_rate: ['respiratoryRate'],
  spo2: ['oxygenSaturation', 'oxygenSaturationScale'],
  supplemental_o2: ['supplementalOxygen'],
  systolic_bp: ['currentSystolicBloodPressure'],
  heart_rate: ['heartRate'],
  acvpu: ['consciousness'],
  temperature: ['bodyTemperature'],
  mentation: ['glasgowComaScale'],
  respiration: ['pao2Fio2Ratio', 'respiratorySupport'],
  coagulation: ['plateletsLast24h'],
  liver: ['bilirubinLast24h'],
  cardiovascular: ['meanArterialPressure', 'vasopressorDose'],
  nervous: ['glasgowComaScale'],
  kidney: ['creatinineLast24h', 'urineOutput24h'],
  confusion: ['newConfusion'],
  urea: ['urea'],
  blood_pressure: ['currentSystolicBloodPressure', 'currentDiastolicBloodPressure'],
  age: ['age'],
  length: ['lengthOfStay', 'lengthOfStayAtLeast5Days'],
  acute: ['acuteAdmission'],
  comorbidity: ['charlsonIndex'],
  emergency: ['emergencyVisits'],
  hemoglobin: ['hemoglobinBelow12AtDischarge'],
  oncology: ['oncologyDischarge'],
  sodium: ['sodiumBelow135AtDischarge'],
  procedure: ['procedureThisAdmission'],
  urgent: ['acuteAdmission'],
  prior_admissions: ['priorAdmissionsBand'],
  bmi: ['bmi'],
  waist: ['waistCircumference'],
  activity: ['physicalActivityDaily'],
  vegetables: ['vegetablesDaily'],
  bp_medication: ['antihypertensive'],
  high_glucose: ['highGlucoseEver'],
  family: ['diabetesInFamily'],
};
