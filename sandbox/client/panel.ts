/** The decision-support panel: fires hooks as the chart is used and shows what comes back. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { CardView } from './card-view.ts';
import type { ExchangeLog } from './exchange-log.ts';
import type { Answer, ChartContext, FiredHook } from './hooks.ts';
import { listen } from './listening.ts';

export interface PanelProps {
  readonly chart: ChartContext;
  readonly log: ExchangeLog;
}

type Stage = 'asking' | 'unavailable' | 'done';

export function Panel({ chart, log }: PanelProps): VNode {
  const [stage, setStage] = useState<Stage>('asking');
  const [answers, setAnswers] = useState<readonly Answer[]>([]);
  useEffect(() => {
    const forget = (hook: FiredHook) =>
      setAnswers((before) => before.filter(({ service }) => service.hook !== hook));
    const hear = (answer: Answer) => setAnswers((before) => [...before, answer]);
    void listen(log, chart, { forget, hear }).then((found) => setStage(found ? 'done' : 'unavailable'));
  }, []);
  const cards = answers
    .toSorted(byNearness)
    .flatMap((answer) =>
      answer.kind === 'answered' ? answer.cards.map((card) => ({ card, service: answer.service })) : [],
    );
  return html`<h2>Decision support</h2>
    <div class="cards" aria-live="polite" data-testid="cards" data-stage=${stage}>
      ${cards.map(
        ({ card, service }) =>
          html`<${CardView} key=${`${service.id} ${card.uuid ?? card.summary}`} card=${card} service=${service} chart=${chart} log=${log} />`,
      )}
      ${message(stage, cards.length, answers)}
    </div>
    <ul class="answers" aria-label="Services asked" data-testid="answers">${answers.map(answerLine)}</ul>`;
}

/** What bears on the act at hand stands first: discharging and signing before selecting before the chart. */
const nearest: readonly string[] = [
  'encounter-discharge',
  'order-sign',
  'order-select',
  'encounter-start',
  'patient-view',
] satisfies FiredHook[];
const byNearness = (a: Answer, b: Answer): number =>
  nearest.indexOf(a.service.hook) - nearest.indexOf(b.service.hook);

function message(stage: Stage, cards: number, answers: readonly Answer[]): VNode | null {
  switch (stage) {
    case 'asking':
      return html`<p class="empty asking">Asking…</p>`;
    case 'unavailable':
      return html`<p class="empty">Decision support is not available. The chart works as usual.</p>`;
    case 'done':
      return cards > 0
        ? null
        : html`<p class="empty" data-testid="no-cards">${answers.length === 0 ? 'No service listens to this chart.' : 'No card for this patient. Silence does not mean low risk: a value may be missing or unusable.'}</p>`;
  }
}

function answerLine(answer: Answer): VNode {
  const said =
    answer.kind === 'failed'
      ? `no answer (${answer.status === 0 ? 'unreachable' : `HTTP ${answer.status}`})`
      : answer.cards.length === 0
        ? 'silent'
        : `${answer.cards.length} ${answer.cards.length === 1 ? 'card' : 'cards'}`;
  return html`<li class=${answer.kind} data-testid="answer" data-service=${answer.service.id}>
    <span>${answer.service.title ?? answer.service.id}${' '}</span>
    <span>${said} · ${Math.round(answer.milliseconds)} ms</span>
  </li>`;
}
