import { createHmac } from 'node:crypto';
import type { Decision } from './decision.ts';

/**
 * How patients are named in what leaves the ledger:
 * - `left-out`: not at all, nor their encounters;
 * - `identified`: by the ids of their EHR;
 * - a pseudonym: the same for one patient of one EHR under one key, another under another, not to be turned back
 *   without the key (HMAC-SHA-256, 128 bits).
 */
export type Naming = 'left-out' | 'identified' | { readonly pseudonymKey: Uint8Array };

/** Where a pseudonym stands in place of an identifier. */
export const pseudonymSystem = 'urn:auscult:pseudonym';

const shortestKey = 32;

type Subject = Pick<Decision, 'issuer' | 'patientId' | 'userId' | 'encounterId'>;

/** @throws RangeError for a key of less than 32 bytes */
export const patientAs = ({ issuer, patientId }: Subject, naming: Naming): string | undefined =>
  named(issuer, 'Patient', patientId, naming);

/** An encounter leads to its patient, so it is named as the patient is. @throws RangeError as `patientAs` */
export const encounterAs = ({ issuer, encounterId }: Subject, naming: Naming): string | undefined =>
  encounterId === undefined ? undefined : named(issuer, 'Encounter', encounterId, naming);

/**
 * Who had the chart open. A clinician is named as the hook did; a patient or relative at a portal is named as a
 * patient is, or by the kind of user alone.
 * @throws RangeError as `patientAs`
 */
export function userAs({ issuer, userId }: Subject, naming: Naming): string | undefined {
  const [, type, id] = /^(?:.*\/)?(Patient|RelatedPerson)\/([^/]+)$/.exec(userId ?? '') ?? [];
  if (type === undefined || id === undefined || naming === 'identified') return userId;
  const pseudonym = named(issuer, type, id, naming);
  return pseudonym === undefined ? type : `${type}/${pseudonym}`;
}

function named(issuer: string, type: string, id: string, naming: Naming): string | undefined {
  if (naming === 'left-out') return undefined;
  if (naming === 'identified') return id;
  const { pseudonymKey } = naming;
  if (pseudonymKey.length < shortestKey)
    throw new RangeError(`a pseudonym key has at least ${shortestKey} bytes`);
  const told = JSON.stringify([issuer, type, id]);
  return createHmac('sha256', pseudonymKey).update(told).digest().subarray(0, 16).toString('hex');
}
