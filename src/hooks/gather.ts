import type { Patient, Resource } from '@medplum/fhirtypes';
import { Fault } from '../errors.ts';
import type { Chart, FetchFailure, Supply } from '../fhir/chart.ts';
import { deadlineIn } from '../fhir/deadline.ts';
import { type Identity, refuseOtherPatients } from '../fhir/patient-match.ts';
import type { FhirReader, ReadBudget } from '../fhir/reader.ts';
import { referenceTo } from '../fhir/reference.ts';
import type { PrefetchList } from './discovery.ts';
import type { HookRequest } from './envelope.ts';
import { absentMedications } from './medications.ts';
import { type ListReading, readPrefetch } from './prefetch.ts';

export interface GatherOptions {
  /** The caller's FHIR server with the caller's token; undefined where none may be asked. */
  readonly reader: FhirReader | undefined;
  /** Registered FHIR bases of the calling EHR, for absolute references. */
  readonly fhirServers: readonly string[];
  /** The instant that every look-back is measured from. */
  readonly now: Date;
  /** Ends the whole answer. */
  readonly signal: AbortSignal;
  /** Budget for all reads together, in milliseconds. Default 250. */
  readonly readBudgetMs?: number;
}

/** Caps on one list; more leaves it partial. */
const maxPages = 10;
const maxResources = 5_000;

/**
 * The chart a service needs: prefetch first, then, for each list that is absent, failed or paged, the FHIR
 * server, all in parallel under one deadline; then the Medications that draft orders only point to. Nothing enters the chart before its patient was matched. A list
 * of which only some pages came is `fetch-failed: partial`, and what came of it is left out: half a list reads
 * like a whole one.
 *
 * @throws Fault wrong-patient, required-data-unavailable (naming the required lists: `lipids: timeout`),
 *   deadline-passed
 */
export async function gatherChart(
  request: HookRequest,
  lists: readonly PrefetchList[],
  options: GatherOptions,
): Promise<Chart> {
  const identity: Identity = { patientId: request.context.patientId, fhirServers: options.fhirServers };
  refuseOtherPatients(partsOf(request), identity);
  // Left on a foreign record or past the deadline as well: every other read then ends with it.
  using budget = deadlineIn(options.readBudgetMs ?? 250, options.signal);
  const fetcher = new Fetcher(options.reader, identity, budget);
  const loaded = await Promise.all(
    lists.map(async (list) => [list, await fetcher.load(list, request)] as const),
  );
  const facts = hookFacts(request);
  const ordered = await fetcher.medicationsOf(facts.drafts);
  if (options.signal.aborted) throw new Fault('deadline-passed');
  const lacking = loaded.flatMap(([list, { supply }]) => (list.required ? lackOf(list, supply) : []));
  if (lacking.length > 0) throw new Fault('required-data-unavailable', lacking);
  return { ...chartOf(identity, options.now, loaded, ordered), ...facts };
}

/** Everything in a request that could name a patient. */
function* partsOf({
  context,
  fhirAuthorization,
  prefetch,
}: HookRequest): Generator<readonly [string, unknown]> {
  if (fhirAuthorization?.patient !== undefined)
    yield ['fhirAuthorization.patient', fhirAuthorization.patient];
  for (const [name, value] of Object.entries(context)) {
    if (typeof value === 'object') yield [`context.${publicName(name)}`, value];
  }
  for (const [key, value] of prefetch) yield [`prefetch.${publicName(key)}`, value];
}

/** Keys are the client's words: one that is no plain name is not repeated. */
const publicName = (key: string): string => (/^[\w\-.]{1,64}$/.test(key) ? key : '?');

interface Loaded {
  readonly supply: Supply;
  readonly resources: readonly Resource[];
}

const lackOf = ({ key }: PrefetchList, supply: Supply): readonly string[] => {
  switch (supply.state) {
    case 'supplied':
      return [];
    case 'not-supplied':
      return [`${key}: not-supplied`];
    case 'fetch-failed':
      return [`${key}: ${supply.reason}`];
  }
};

class Fetcher {
  readonly #reader: FhirReader | undefined;
  readonly #identity: Identity;
  readonly #budget: ReadBudget;
  /** Medication reference → its read, so that each is read once. */
  readonly #medications = new Map<string, Promise<readonly Resource[]>>();

  constructor(reader: FhirReader | undefined, identity: Identity, budget: ReadBudget) {
    this.#reader = reader;
    this.#identity = identity;
    this.#budget = budget;
  }

  async load(list: PrefetchList, request: HookRequest): Promise<Loaded> {
    const sent = readPrefetch(request.prefetch.get(list.key), list.query);
    const first = sent.kind === 'page' ? sent : await this.#fallback(list, sent);
    const whole = await this.#follow(list, first);
    if (whole.kind === 'absent') return { supply: { state: 'not-supplied' }, resources: [] };
    if (whole.kind === 'failed')
      return { supply: { state: 'fetch-failed', reason: whole.reason }, resources: [] };
    const medications = await this.medicationsOf(whole.resources);
    return { supply: { state: 'supplied' }, resources: [...whole.resources, ...medications] };
  }

  /** The Medications that these orders and statements only point to. */
  async medicationsOf(resources: readonly Resource[]): Promise<readonly Resource[]> {
    const read = await Promise.all(absentMedications(resources).map((at) => this.#medication(at)));
    return read.flat();
  }

  /** What was not sent, or came as an error, is asked of the server; without one it stays as it was. */
  async #fallback(list: PrefetchList, sent: ListReading): Promise<ListReading> {
    if (this.#reader === undefined) return sent;
    const id = encodeURIComponent(this.#identity.patientId);
    const query = list.query.replaceAll('{{context.patientId}}', id);
    return this.#page(list, query, query);
  }

  async #page(list: Pick<PrefetchList, 'key'>, address: string, query: string): Promise<ListReading> {
    if (this.#reader === undefined) return { kind: 'failed', reason: 'partial' };
    const reading = await this.#reader.read(address, this.#budget);
    if (reading.kind === 'failed') return reading;
    refuseOtherPatients([[`fhirServer.${list.key}`, reading.body]], this.#identity);
    return readPrefetch(reading.body, query);
  }

  /** Q8: follows `next` to the end. A repeated address, more than a cap or a page that fails leave it partial. */
  async #follow(list: PrefetchList, first: ListReading): Promise<ListReading> {
    if (first.kind !== 'page') return first;
    const resources = [...first.resources];
    const seen = new Set<string>();
    for (let { next } = first; next !== undefined; ) {
      if (seen.has(next) || seen.size >= maxPages - 1) return partial;
      seen.add(next);
      const page = await this.#page(list, next, '?');
      if (page.kind !== 'page') return partial;
      resources.push(...page.resources);
      if (resources.length > maxResources) return partial;
      next = page.next;
    }
    return { kind: 'page', resources };
  }

  /** A Medication that cannot be read is simply not in the chart: its order then tells no drug. */
  #medication(address: string): Promise<readonly Resource[]> {
    const known = this.#medications.get(address);
    if (known !== undefined) return known;
    const read = this.#page({ key: 'medications' }, address, 'Medication').then((page) =>
      page.kind === 'page' ? page.resources : [],
    );
    this.#medications.set(address, read);
    return read;
  }
}

const partial: ListReading = { kind: 'failed', reason: 'partial' satisfies FetchFailure };

function chartOf(
  { patientId }: Identity,
  now: Date,
  loaded: readonly (readonly [PrefetchList, Loaded])[],
  ordered: readonly Resource[],
): Omit<Chart, 'drafts' | 'selected'> {
  const resources = new Map<string, Resource>();
  const all = [...loaded.flatMap(([, list]) => list.resources), ...ordered];
  for (const [index, resource] of all.entries()) {
    const name = resource.id === undefined ? `#${index}` : `${resource.resourceType}/${resource.id}`;
    if (!resources.has(name)) resources.set(name, resource);
  }
  return {
    patientId,
    now,
    patient: resources.get(`Patient/${patientId}`) as Patient | undefined,
    supply: new Map(loaded.map(([list, { supply }]) => [list.key, supply])),
    resources: [...resources.values()],
  };
}

/** What the hook itself says: where the user is, and which orders are being written (order-select, order-sign). */
function hookFacts({ context }: HookRequest): Pick<Chart, 'encounterId' | 'drafts' | 'selected'> {
  const encounterId = 'encounterId' in context ? context.encounterId : undefined;
  const drafts =
    'draftOrders' in context
      ? (context.draftOrders.entry ?? []).flatMap(({ resource }) => resource ?? [])
      : [];
  const chosen = 'selections' in context ? context.selections : drafts.map(referenceTo);
  return {
    ...(encounterId === undefined ? {} : { encounterId }),
    drafts,
    selected: new Set(chosen),
  };
}
