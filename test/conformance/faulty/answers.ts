/** What the correct service says, and a table of ways to say it wrong. */
import { randomUUID } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { isObject, type Json, type Site } from '../faulty-service.ts';
import type { Gathered } from './gather.ts';
import { answerFaults, discoveryFaults } from './slips.ts';

export interface FaultyCdsService extends Json {
  readonly id: string;
  readonly hook: string;
  readonly prefetch: Readonly<Record<string, string>>;
  /** Context fields its hook requires; not part of discovery. */
  readonly context: readonly string[];
}

const greeting = {
  id: 'greeting',
  title: 'Greeting',
  description: 'Greets the patient and counts conditions.',
  usageRequirements: 'None.',
  version: '2.0.1',
  hookVersion: '1.0',
  extension: { 'org.example.maturity': { level: 'test' } },
  prefetch: {
    patient: 'Patient/{{context.patientId}}',
    conditions: 'Condition?patient={{context.patientId}}&_count=50',
  },
};

/** `greeting` serves two hooks under one id (D4). */
const services: readonly FaultyCdsService[] = [
  { ...greeting, hook: 'patient-view', context: ['userId', 'patientId'] },
  { ...greeting, hook: 'encounter-start', context: ['userId', 'patientId', 'encounterId'] },
  {
    id: 'order-check',
    hook: 'order-sign',
    title: 'Order check',
    description: 'Looks at draft orders.',
    prefetch: { patient: 'Patient/{{context.patientId}}' },
    context: ['userId', 'patientId', 'draftOrders'],
  },
];

/** The service of this id that serves this hook; the first of the id where none does. */
export function serviceOf(id: string, hook: unknown): FaultyCdsService {
  const same = services.filter((service) => service.id === id);
  const [first] = same;
  if (first === undefined) throw new Error('no such service');
  return same.find((service) => service.hook === hook) ?? first;
}

export function discoveryAnswer({ has }: Site): Json {
  const answer: Json = { services: services.map(({ context: _, ...service }) => structuredClone(service)) };
  return slipped(answer, discoveryFaults, has);
}

export function hookAnswer(site: Site, service: FaultyCdsService, request: Json, gathered: Gathered): Json {
  const said = service.id === 'greeting' ? greet(site, gathered) : checkOrders(site, request);
  const nothing = gathered.get('patient')?.length === 0 || gathered.get('patient') === undefined;
  const answer = structuredClone(nothing ? { cards: [] } : said);
  if (site.has('tells-the-token'))
    answer.extension = { 'org.example.debug': { got: request.fhirAuthorization } };
  return slipped(answer, answerFaults, site.has);
}

function slipped(
  answer: Json,
  slips: Readonly<Record<string, (answer: Json) => unknown>>,
  has: Site['has'],
): Json {
  const changes = Object.entries(slips).filter(([fault]) => has(fault));
  return changes.reduce((said, [, change]) => (change(said) as Json | undefined) ?? said, answer);
}

const source = (site: Site): Json => ({
  label: 'Example rules',
  url: 'https://example.org/rules',
  icon: `${site.url}/icon.png`,
  topic: { system: 'https://example.org/topics', code: 'greeting', display: 'Greeting' },
});

function greet(site: Site, gathered: Gathered): Json {
  const [patient] = gathered.get('patient') ?? [];
  const names = Array.isArray(patient?.name) ? (patient.name as Json[]) : [];
  const family = String(names[0]?.family ?? '');
  const shown = site.has('repeats-text-raw') ? family : escapeText(family);
  const subject = { reference: `Patient/${patient?.id}` };
  const order = { resourceType: 'ServiceRequest', status: 'draft', intent: 'proposal', subject };
  return {
    cards: [
      {
        uuid: randomUUID(),
        summary: 'A test card with every part a card can have.',
        detail: `Family name: **${shown || 'none'}**\n\nConditions: ${gathered.get('conditions')?.length ?? 'unknown'}`,
        indicator: 'info',
        source: source(site),
        suggestions: [
          {
            uuid: randomUUID(),
            label: 'Order a test',
            isRecommended: true,
            actions: [{ type: 'create', description: 'Orders a test', resource: order }],
          },
          { uuid: randomUUID(), label: 'Do nothing' },
        ],
        selectionBehavior: 'at-most-one',
        overrideReasons: [{ code: 'no', system: 'https://example.org/reasons', display: 'Not now' }],
        links: [
          { label: 'Guideline', url: 'https://example.org/guideline', type: 'absolute' },
          {
            ...{ label: 'App', url: 'https://app.example.org/launch', type: 'smart' },
            ...{ appContext: randomUUID(), autolaunchable: false },
          },
        ],
        extension: { 'org.example.rank': { value: 1 } },
      },
    ],
  };
}

function checkOrders(site: Site, request: Json): Json {
  const context = isObject(request.context) ? request.context : {};
  const bundle = isObject(context.draftOrders) ? context.draftOrders : {};
  const [first] = (Array.isArray(bundle.entry) ? bundle.entry : []) as Json[];
  const order = isObject(first?.resource) ? first.resource : undefined;
  if (order === undefined) return { cards: [] };
  const resourceId = `${order.resourceType}/${order.id}`;
  const update = {
    type: 'update',
    description: 'Adds a note',
    resource: { ...order, note: [{ text: 'x' }] },
  };
  const remove = { type: 'delete', description: 'Removes the order', resourceId };
  return {
    cards: [
      {
        uuid: randomUUID(),
        summary: 'This order can be improved.',
        indicator: 'warning',
        source: source(site),
        suggestions: [
          { uuid: randomUUID(), label: 'Improve it', actions: [update] },
          { uuid: randomUUID(), label: 'Remove it', actions: [remove] },
        ],
        selectionBehavior: 'any',
      },
    ],
    systemActions: [{ type: 'update', resource: { ...order, note: [{ text: 'seen' }] } }],
  };
}

/** Markdown and HTML of the chart stay text. */
const escapeText = (text: string): string =>
  text
    .replaceAll(/\p{C}/gu, '')
    .slice(0, 100)
    .replaceAll(/[\\`*_{}[\]()#+.!|~:@/-]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

export const outcome = (text: string): Json => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'processing', details: { text } }],
});

/** 100 × 100 pixels, opaque. */
export function icon(has: Site['has']): Buffer {
  const side = has('small-icon') ? 32 : 100;
  const [colour, bytes] = has('transparent-icon') ? [6, 4] : [2, 3];
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, colour, 0, 0, 0], 8);
  const pixels = Buffer.alloc(side * (1 + side * bytes), 0);
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}
