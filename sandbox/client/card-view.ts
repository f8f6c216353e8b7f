/** One card as the clinician sees it. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { openApp } from './app-frame.ts';
import type { Card, Coding, Link, Service, Suggestion } from './cards.ts';
import type { ExchangeLog } from './exchange-log.ts';
import { type ChartContext, sendFeedback } from './hooks.ts';
import { markdown, webAddress } from './markdown.ts';
import { applySuggestion } from './orders.ts';

export interface CardViewProps {
  readonly card: Card;
  readonly service: Service;
  readonly chart: ChartContext;
  readonly log: ExchangeLog;
}

const indicatorWords = { info: 'Information', warning: 'Warning', critical: 'Critical' } as const;

export function CardView({ card, service, chart, log }: CardViewProps): VNode {
  const [dismissed, setDismissed] = useState<string>();
  const [problem, setProblem] = useState('');
  if (dismissed !== undefined) {
    return html`<div class="card done" data-testid="dismissed" role="status">
      <p><strong>Dismissed.</strong> ${dismissed} <span class="muted">${card.summary}</span></p>
    </div>`;
  }
  const dismiss = (reason: Coding | undefined) => {
    setDismissed(reason === undefined ? '' : `${reason.display ?? reason.code}.`);
    void sendFeedback(log, service, card, {
      outcome: 'overridden',
      ...(reason ? { overrideReason: { reason } } : {}),
    });
  };
  return html`<article class="card ${card.indicator}" data-testid="card" data-indicator=${card.indicator}>
    <p class="indicator">${icon(card.indicator)} ${indicatorWords[card.indicator]}</p>
    <h3 data-testid="card-summary">${card.summary}</h3>
    ${card.detail ? html`<div class="detail" data-testid="card-detail">${markdown(card.detail)}</div>` : null}
    <${Suggestions} card=${card} service=${service} log=${log} onProblem=${setProblem} />
    ${links(card, (link) => openApp(log, link, chart.patientId, link.label).then((opened) => setProblem(opened ? '' : 'The app could not be launched.')))}
    ${problem ? html`<p class="problem" role="alert">${problem}</p>` : null}
    <${Dismiss} reasons=${card.overrideReasons ?? []} onDismiss=${dismiss} />
    <p class="source">Source: ${source(card)}</p>
  </article>`;
}

function source({ source: { label, url } }: Card): VNode | string {
  return url !== undefined && webAddress(url)
    ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${label}</a>`
    : label;
}

interface SuggestionsProps {
  readonly card: Card;
  readonly service: Service;
  readonly log: ExchangeLog;
  readonly onProblem: (text: string) => void;
}

function Suggestions({ card, service, log, onProblem }: SuggestionsProps): VNode | null {
  const [taken, setTaken] = useState<readonly Suggestion[]>([]);
  const suggestions = card.suggestions ?? [];
  if (suggestions.length === 0) {
    return null;
  }
  const isClosed = card.selectionBehavior === 'at-most-one' && taken.length > 0;
  const accept = async (suggestion: Suggestion) => {
    const applied = await applySuggestion(log, suggestion);
    onProblem(applied ? '' : 'The orders could not be changed. Nothing was written.');
    if (applied) {
      setTaken((before) => [...before, suggestion]);
      const acceptedSuggestions = suggestion.uuid === undefined ? [] : [{ id: suggestion.uuid }];
      await sendFeedback(log, service, card, { outcome: 'accepted', acceptedSuggestions });
    }
  };
  const items = suggestions.map((suggestion) => {
    const isTaken = taken.includes(suggestion);
    const look = isTaken ? 'taken' : suggestion.isRecommended || suggestions.length === 1 ? 'primary' : '';
    return html`<li>
      <button type="button" class="suggestion ${look}" data-testid="accept" disabled=${isTaken || isClosed} onClick=${() => accept(suggestion)}>
        <span aria-hidden="true">${isTaken ? '✓' : signOf(suggestion)}</span> ${suggestion.label}
      </button>
    </li>`;
  });
  return html`<div class="suggestions">
    <ul aria-label="Suggestions">${items}</ul>
    <p role="status" class="muted">${taken.length > 0 ? becameOf(taken) : ''}</p>
  </div>`;
}

const types = ({ actions = [] }: Suggestion): readonly string[] => actions.map(({ type }) => type);

const signOf = (suggestion: Suggestion): string =>
  types(suggestion).includes('create') ? '+' : types(suggestion).includes('delete') ? '−' : '✎';

/** What accepting did, in words. */
function becameOf(taken: readonly Suggestion[]): string {
  const done = taken.flatMap(types);
  const said = [
    done.includes('create') ? 'Added to the orders to sign.' : '',
    done.includes('update') ? 'The order was changed.' : '',
    done.includes('delete') ? 'The order was removed.' : '',
  ];
  return said.filter((each) => each !== '').join(' ');
}

function links(card: Card, launch: (link: Link) => void): VNode | null {
  const usable = (card.links ?? []).filter(({ url }) => webAddress(url));
  const items = usable.map((link) =>
    link.type === 'smart'
      ? html`<button type="button" class="link" data-testid="smart-link" onClick=${() => launch(link)}>${link.label} <span aria-hidden="true">→</span></button>`
      : html`<a class="link" href=${link.url} target="_blank" rel="noopener noreferrer">${link.label} <span aria-hidden="true">↗</span></a>`,
  );
  return items.length > 0 ? html`<p class="links">${items}</p>` : null;
}

interface DismissProps {
  readonly reasons: readonly Coding[];
  readonly onDismiss: (reason: Coding | undefined) => void;
}

/** Dismissal, with one of the card's reasons or without. */
function Dismiss({ reasons, onDismiss }: DismissProps): VNode {
  const [chosen, setChosen] = useState('');
  const choose = (event: Event) => setChosen((event.currentTarget as HTMLSelectElement).value);
  const select = html`<select class="quiet" data-testid="dismiss-reason" aria-label="Reason for dismissing" onChange=${choose}>
    <option value="">Reason (optional)</option>
    ${reasons.map(({ display, code }, index) => html`<option value=${index}>${display ?? code}</option>`)}
  </select>`;
  return html`<div class="dismiss">
    ${reasons.length > 0 ? select : null}
    <button type="button" class="quiet" data-testid="dismiss" onClick=${() => onDismiss(chosen === '' ? undefined : reasons[Number(chosen)])}>
      Dismiss
    </button>
  </div>`;
}

function icon(indicator: Card['indicator']): VNode {
  const shape = {
    info: html`<circle cx="8" cy="8" r="7" />`,
    warning: html`<path d="M8 1 15.5 15H.5z" />`,
    critical: html`<path d="M5 .7h6L15.3 5v6L11 15.3H5L.7 11V5z" />`,
  }[indicator];
  const mark = indicator === 'info' ? 'M8 7v4.5M8 4.2v.6' : 'M8 5v4.5M8 11.6v.6';
  return html`<svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">${shape}<path class="mark" d=${mark} /></svg>`;
}
