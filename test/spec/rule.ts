/** What the specification binds a CDS service to, as data: one row per rule, named by at least one test. */
export type Strength = 'SHALL' | 'SHALL NOT' | 'SHOULD' | 'RECOMMENDED' | 'MAY' | 'OPTIONAL' | 'practice';

export interface Rule {
  /** As tests name it: `A2: …`. */
  readonly id: string;
  /** The rule in one sentence, from the service's side. */
  readonly rule: string;
  readonly strength: Strength;
  /** Section of https://cds-hooks.hl7.org/2.0/, or what stands in its place. */
  readonly spec: string;
  /** Numbers of Inferno's CDS Hooks 2.0 requirements sheet. */
  readonly inferno?: readonly number[];
  /** The client's duty: the service must bear its breach. */
  readonly ofTheClient?: true;
  /** New or changed in 3.0; nothing of it is sent to a 2.0 client. */
  readonly since?: '3.0';
  /** Why no test can name it. */
  readonly cannotApply?: string;
}
