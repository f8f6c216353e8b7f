import type { Resource } from '@medplum/fhirtypes';
import type { Extensions } from './extension.ts';

/**
 * A change that a suggestion proposes.
 * @see https://cds-hooks.hl7.org/2.0/#action
 */
export type Action = Described & Change;

/**
 * A change that the client applies without showing it, in scenarios agreed beforehand only. As an `Action`,
 * but its description is optional.
 * @see https://cds-hooks.hl7.org/2.0/#system-action
 */
export type SystemAction = Partial<Described> & Change;

interface Described {
  /** Shown to the user. */
  readonly description: string;
}

type Change = { readonly extension?: Extensions } & (
  | {
      /** `create`: a new resource; `update`: the whole resource, not only what changes. */
      readonly type: 'create' | 'update';
      readonly resource: Resource;
      readonly resourceId?: undefined;
    }
  | {
      readonly type: 'delete';
      /** Relative reference, e.g. `ServiceRequest/123`. */
      readonly resourceId: string;
      readonly resource?: undefined;
    }
);
