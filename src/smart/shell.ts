import type { Decision } from '../ledger/decision.ts';
import type { Banner } from './patient-banner.ts';

/** What one page shows. */
export interface PageView {
  /** Absent: `absence` says why. */
  readonly decision: Decision | undefined;
  /** `no-context`: the launch named no decision; `not-found`: none of that id for this EHR and patient. */
  readonly absence?: 'no-context' | 'not-found';
  readonly needPatientBanner: boolean;
  readonly banner: Banner | undefined;
  readonly patientId: string;
  /** Registered base: sources in the chart may be linked below it, and nowhere else. */
  readonly fhirServer: string;
  readonly viewId: string;
}

/** Why there is no page. Fixed words only; nothing of the request is repeated. */
export type Notice =
  | 'session-required'
  | 'several-charts'
  | 'cookie-refused'
  | 'other-browser'
  | 'denied'
  | 'no-patient'
  | 'refused'
  | 'failed';

export interface Asset {
  readonly type: string;
  readonly body: Uint8Array;
}

/** The port to the pages: smart-app/ fills it, and routes.ts serves it. */
export interface AppShell {
  page(view: PageView): string;
  /** @param details fixed words of a Fault that help the EHR's engineer */
  notice(notice: Notice, details?: readonly string[]): string;
  /** By file name, which carries a hash of the content. */
  readonly assets: ReadonlyMap<string, Asset>;
}
