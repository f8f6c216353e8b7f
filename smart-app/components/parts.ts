import type { Decision } from '../../src/ledger/decision.ts';
import { html } from '../html.ts';
import type { Lead, Part } from '../parts.ts';
import { Benefit } from './benefit.ts';
import { Outcomes } from './outcomes.ts';
import { problemWords } from './quiet.ts';
import { Score } from './score.ts';

interface Props {
  readonly decision: Decision;
  readonly parts: readonly Part[];
  /** What the first screen already shows. */
  readonly lead: Lead;
  readonly fhirServer: string;
}

/** The other models of the decision, a section each. */
export function OtherParts({ decision, parts, lead, fhirServer }: Props) {
  const rest = parts.filter((part) => part !== lead && !(part.kind === 'abstained' && parts.length === 1));
  return html`${rest.map((part) => html`<${PartSection} key=${part.model} part=${part} decision=${decision} fhirServer=${fhirServer} />`)}`;
}

interface SectionProps extends Pick<Props, 'decision' | 'fhirServer'> {
  readonly part: Part;
}

function PartSection({ part, decision, fhirServer }: SectionProps) {
  const { decidedAt, models, values } = decision;
  const title = models.find(({ id }) => id === part.model)?.title ?? part.model;
  switch (part.kind) {
    case 'score':
      return html`<section class="card" aria-labelledby=${`score-${part.model}`}><${Score} score=${part.score} level=${2} decidedAt=${decidedAt} fhirServer=${fhirServer} /></section>`;
    case 'benefit':
      return html`<section class="card" aria-labelledby=${`benefit-${part.model}`}><${Benefit} benefit=${part.benefit} level=${2} /></section>`;
    case 'risks':
      return html`<${Outcomes} decision=${decision} outputs=${part.outputs} title=${title} />`;
    case 'abstained':
      return html`<section class="card no-answer" aria-labelledby=${`none-${part.model}`} data-testid="no-answer">
        <h2 id=${`none-${part.model}`}>${title}: no answer</h2>
        <p class="lead">That is not a low risk: it is not known.</p>
        <ul>${part.abstention.because.map(({ input, value, detail }) => html`<li key=${input}><b>${values.find(({ name }) => name === value)?.label ?? value ?? input}</b>: ${problemWords(detail)}</li>`)}</ul>
      </section>`;
  }
}
