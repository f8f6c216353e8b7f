import { renderToString } from 'preact-render-to-string';
import type { AppShell } from '../src/smart/shell.ts';
import { bundleApp } from './bundle.ts';
import { NoticePage, noticeTitle } from './components/notice.ts';
import { Document, Page } from './components/page.ts';
import { type Content, html } from './html.ts';

/** The pages of the app, rendered on the server, and the files they need. */
export async function createShell(): Promise<AppShell> {
  const { assets, links } = await bundleApp();
  const write = (title: string, body: Content): string =>
    `<!doctype html>${renderToString(html`<${Document} title=${title} links=${links}>${body}<//>`)}`;

  return {
    assets,
    page(view) {
      const { decision, absence = 'not-found' } = view;
      if (decision !== undefined)
        return write(decision.title, html`<${Page} view=${view} decision=${decision} />`);
      return write(noticeTitle(absence), html`<${NoticePage} notice=${absence} view=${view} />`);
    },
    notice: (notice, details) =>
      write(noticeTitle(notice), html`<${NoticePage} notice=${notice} details=${details} />`),
  };
}
