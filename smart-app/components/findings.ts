import type { Decision, FindingRecord, ValueRecord } from '../../src/ledger/decision.ts';
import { html } from '../html.ts';
import { codeWords, dateWords, missingWords, readable, unitWords, valueWords } from '../words.ts';
import { reference } from './inputs.ts';
import { Severity, severityWords } from './marks.ts';

interface Props {
  readonly decision: Decision;
  readonly fhirServer: string;
}

const kinds: Readonly<Record<string, string>> = {
  'renal-dose': 'Kidney function and dose',
  qt: 'QT interval',
  opioid: 'Opioid',
  'high-risk-drug': 'High-risk medicine',
};
const kindWords = (kind: string): string => kinds[kind] ?? codeWords(kind);

/** What was found about the draft orders, gravest first: what, why here, what is not known, what to do, who says so. */
export function Findings({ decision, fhirServer }: Props) {
  const findings = decision.findings ?? [];
  return html`<div class="findings" data-testid="findings">
    <h1 id="headline">${title(findings)}</h1>
    ${findings.map(
      (finding, at) =>
        html`<${Finding} key=${`${finding.rule} ${finding.order} ${at}`} finding=${finding} decision=${decision} fhirServer=${fhirServer} />`,
    )}
  </div>`;
}

/** "3 findings in these orders: 1 critical, 2 warnings". */
function title(findings: readonly FindingRecord[]): string {
  const count = (severity: FindingRecord['severity']) =>
    findings.filter((each) => each.severity === severity).length;
  const parts = [
    counted(count('critical'), 'critical', 'critical'),
    counted(count('warning'), 'warning', 'warnings'),
    counted(count('info'), 'for information', 'for information'),
  ].filter((part) => part !== '');
  return `${counted(findings.length, 'finding', 'findings')} in these orders: ${parts.join(', ')}`;
}

const counted = (count: number, one: string, many: string): string =>
  count === 0 ? '' : `${count} ${count === 1 ? one : many}`;

function Finding({ finding, decision, fhirServer }: Props & { readonly finding: FindingRecord }) {
  const { kind, severity, words, because, unknown, order, source } = finding;
  const values = decision.values.filter(({ name }) => finding.values.includes(name));
  return html`<article class=${`finding ${severity}`} data-testid="finding" data-severity=${severity}>
    <p class="finding-head"><${Severity} severity=${severity} /><b>${severityWords[severity]}</b><span>${kindWords(kind)}</span></p>
    <h2>${capital(words.subject)}${words.other && html` <span class="with">and</span> ${words.other}`}</h2>
    <p class="finding-problem">${sentence(words.problem)}</p>
    <dl class="finding-facts">
      ${because.length > 0 && part('Why here', list(because))}
      ${unknown.length > 0 && part('Could not be told', list(unknown), 'unknown')}
      ${words.advice && part('What to do', html`<p class="advice">${sentence(words.advice)}</p>`)}
      ${values.length > 0 && part('Rests on', html`<ul class="rests">${values.map((value) => html`<li key=${value.name}>${value.label} <b>${shortValue(value)}</b>${dated(value)}</li>`)}</ul>`)}
      ${part('Order', reference({ reference: order }, fhirServer))}
      ${part('Source', cited(source))}
    </dl>
  </article>`;
}

const part = (name: string, content: unknown, kind = '') =>
  html`<div class=${kind}><dt>${name}</dt><dd>${content}</dd></div>`;
const list = (sentences: readonly string[]) =>
  sentences.length === 1
    ? sentence(sentences[0] ?? '')
    : html`<ul>${sentences.map((each) => html`<li key=${each}>${sentence(each)}</li>`)}</ul>`;

function shortValue({ feature, unit }: ValueRecord): string {
  if (feature.kind === 'missing') return missingWords[feature.reason].toLowerCase();
  return `${valueWords(feature.value, unit)}${unit === undefined ? '' : ` ${unitWords(unit)}`}`.trim();
}

const dated = ({ feature }: ValueRecord) =>
  feature.kind === 'observed' && feature.at !== undefined && html` <small>${dateWords(feature.at)}</small>`;

/** A link only where the rule's source has a web address. */
function cited({ label, url }: FindingRecord['source']) {
  return url !== undefined && /^https?:\/\//.test(url)
    ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${label}</a>`
    : label;
}

const sentence = (text: string): string => {
  const words = readable(text);
  return `${capital(words)}${/[.!?]$/.test(words) ? '' : '.'}`;
};

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
