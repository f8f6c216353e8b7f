import type { Body, Target } from '../target.ts';
import type { Ground } from './ground.ts';
import type { ListKey } from './sample-parts.ts';

/** One way to bring a second patient into a request. */
export interface PatientCase {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  /**
   * The request contradicts itself in plain words: only a refusal is right. Elsewhere no cards are right as well,
   * because the specification leaves open what a service does with data that it cannot attribute.
   */
  readonly plain?: boolean;
  /** Only a service of these hooks takes what the case bends. */
  readonly hooks?: readonly string[];
  /** The bent request, or why there is none. */
  readonly bend: (scene: Scene) => Body | string;
}

/** What a case bends. */
export interface Scene {
  /** A fresh correct request. */
  readonly request: Body;
  /** `context.patientId` of it, and the relative reference to it. */
  readonly patientId: string;
  readonly me: string;
  readonly target: Target;
  readonly ground: Ground;
  /** A list of patient data that the service asks for. */
  readonly list: ListKey | undefined;
}

export const wrongPatient =
  'CDS Hooks 2.0, HTTP Request: context.patientId is the patient in context; cds-hooks/docs#88';
export const other = 'Patient/somebody-else';
