/** The developer drawer: every request that the page made for this chart, with both bodies. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Exchange, type ExchangeLog, succeeded } from './exchange-log.ts';

export function Developer({ log }: { readonly log: ExchangeLog }): VNode {
  const [exchanges, setExchanges] = useState(log.exchanges);
  const [chosen, setChosen] = useState<Exchange>();
  const drawer = useRef<HTMLDialogElement>(null);
  useEffect(() => log.subscribe(() => setExchanges(log.exchanges)), [log]);
  const shown = chosen ?? exchanges.findLast(({ kind }) => kind === 'hook') ?? exchanges.at(-1);
  return html`<button type="button" class="ghost" data-testid="developer" onClick=${() => drawer.current?.showModal()}>
      Requests <span class="count">${exchanges.length}</span>
    </button>
    <dialog ref=${drawer} class="drawer" aria-label="Requests made for this chart" data-testid="drawer">
      <div class="drawer-bar">
        <h2>Requests made for this chart</h2>
        <button type="button" class="small" onClick=${() => drawer.current?.close()}>Close</button>
      </div>
      <div class="drawer-body">
        <ol>
          ${exchanges.map(
            (exchange) => html`<li>
              <button type="button" aria-pressed=${exchange === shown} onClick=${() => setChosen(exchange)}>
                <span class="kind">${exchange.kind}</span>
                <span class="url">${exchange.method} ${address(exchange)}</span>
                <span class=${succeeded(exchange) ? 'status' : 'status bad'}>${exchange.status || 'failed'} · ${Math.round(exchange.milliseconds)} ms</span>
              </button>
            </li>`,
          )}
        </ol>
        ${shown ? bodies(shown) : html`<p class="empty">None yet.</p>`}
      </div>
    </dialog>`;
}

function bodies(exchange: Exchange): VNode {
  return html`<div class="bodies">
    <p class="full-url"><code>${exchange.method} ${address(exchange)}</code></p>
    ${isSilent(exchange) ? html`<p class="hint">No card, and the answer carries no reason. To see it, copy the request and give it to <code>npx auscult evaluate ${exchange.url.split('/').at(-1)}</code> on standard input.</p>` : null}
    ${exchange.request === undefined ? null : body('Request', exchange.request)} ${body('Response', exchange.response)}
  </div>`;
}

/** A hook answered without a card. */
const isSilent = ({ kind, response }: Exchange): boolean =>
  kind === 'hook' && Array.isArray(Object(response).cards) && Object(response).cards.length === 0;

/** Shown indented; copied on one line, as `auscult evaluate` and curl take it. */
function body(title: string, value: unknown): VNode {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? 'empty');
  return html`<section>
    <h3>${title}<button type="button" class="small" onClick=${() => navigator.clipboard.writeText(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}>Copy</button></h3>
    <pre tabindex="0" aria-label=${title}>${text}</pre>
  </section>`;
}

function address({ url }: Exchange): string {
  return decodeURIComponent(url);
}
