/** The chart page, its assets, and what its plain forms do. */
import { getStatus, OperationOutcomeError } from '@medplum/core';
import type { Encounter, MedicationRequest, Patient, ServiceRequest } from '@medplum/fhirtypes';
import express, { type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import { type ChartRepository, clinician, type Persona } from '../fhir/repository.ts';
import { pageAssets } from './assets.ts';
import { type ChartView, patientView, readChart } from './chart-view.ts';
import { type Dose, dosageOf, draftOf, productOf } from './formulary.ts';
import { type ListedPatient, renderPage } from './shell.ts';

export interface PageOptions {
  readonly repository: ChartRepository;
  readonly origin: string;
  readonly now: Date;
  readonly personas: readonly Persona[];
}

export function pageRoutes(options: PageOptions): Router {
  const routes = Router();
  const form = express.urlencoded({ extended: false, limit: '16kb' });
  const assets = pageAssets();
  routes.get('/', pageHeaders(options.origin), async (request, response) => {
    const { patient } = request.query;
    const chart = typeof patient === 'string' ? await openChart(options, patient) : undefined;
    response.status(typeof patient === 'string' && chart === undefined ? 404 : 200);
    response.type('html').send(await page(options, chart));
  });
  routes.get('/sandbox/assets/chart.js', (_request, response) => sendAsset(response, 'js', assets.script));
  routes.get('/sandbox/assets/chart.css', (_request, response) => sendAsset(response, 'css', assets.style));
  routes.post('/sandbox/orders', sameOrigin, form, async (request, response) => {
    await placeOrder(options, String(request.body?.drug), String(request.body?.patient));
    backToChart(response, request.body);
  });
  routes.post('/sandbox/orders/:kind/:id', sameOrigin, form, async (request, response) => {
    const { kind, id } = request.params;
    await decideOrder(options.repository, String(kind), String(id), request.body);
    backToChart(response, request.body);
  });
  routes.post('/sandbox/encounters/:id/discharge', sameOrigin, form, async (request, response) => {
    await discharge(options, String(request.params.id));
    backToChart(response, request.body);
  });
  routes.post('/sandbox/reset', sameOrigin, async (_request, response) => {
    await options.repository.seed(options.now);
    response.redirect(303, '/');
  });
  return routes;
}

async function page(
  { repository, personas, now, origin }: PageOptions,
  chart: ChartView | undefined,
): Promise<string> {
  const patients = await Promise.all(
    personas.map(async ({ patientId, title, shows }): Promise<ListedPatient> => {
      const patient = await repository.readResource<Patient>('Patient', patientId);
      return { ...patientView(patient, now), title, shows };
    }),
  );
  const byName = patients.toSorted((a, b) => a.recordNumber.localeCompare(b.recordNumber));
  return renderPage({
    now,
    fhirBase: `${origin}/sandbox/fhir`,
    userId: `Practitioner/${clinician.id}`,
    patients: byName,
    chart,
  });
}

async function openChart(
  { repository, now }: PageOptions,
  patientId: string,
): Promise<ChartView | undefined> {
  return readChart(repository, patientId, now).catch((error: unknown) => {
    if (error instanceof OperationOutcomeError && getStatus(error.outcome) === 404) {
      return undefined;
    }
    throw error;
  });
}

const backToChart = (response: Response, body: unknown): void =>
  response.redirect(303, `/?patient=${encodeURIComponent(String(Object(body).patient ?? ''))}`);

/** A new draft of a product of the formulary; anything else is left alone. */
async function placeOrder({ repository, now }: PageOptions, code: string, patientId: string): Promise<void> {
  const product = productOf(code);
  if (product === undefined) return;
  const { encounters } = await readChart(repository, patientId, now);
  const current = encounters.find(({ isCurrent }) => isCurrent);
  await repository.createResource(draftOf(product, patientId, now, current?.id));
}

const dose = z.object({
  amount: z.coerce.number().positive().max(2000),
  unit: z.string().min(1).max(20),
  frequency: z.coerce.number().int().min(1).max(24),
  asNeeded: z.literal('yes').optional(),
});

/** Signing makes a draft active, editing changes its dose, anything else removes it. Only a draft is touched. */
async function decideOrder(
  repository: ChartRepository,
  kind: string,
  id: string,
  body: unknown,
): Promise<void> {
  const order = await repository.readResource<MedicationRequest | ServiceRequest>(kind, id);
  if ((kind !== 'MedicationRequest' && kind !== 'ServiceRequest') || order.status !== 'draft') {
    return;
  }
  switch (Object(body).do) {
    case 'sign':
      await repository.updateResource({ ...order, status: 'active', intent: 'order' });
      return;
    case 'edit': {
      const changed = dose.safeParse(body);
      if (order.resourceType === 'MedicationRequest' && changed.success)
        await repository.updateResource(withDose(order, changed.data));
      return;
    }
    default:
      await repository.deleteResource(kind, id);
  }
}

const withDose = (
  order: MedicationRequest,
  { asNeeded, ...given }: Omit<Dose, 'asNeeded'> & { readonly asNeeded?: 'yes' | undefined },
): MedicationRequest => ({
  ...order,
  dosageInstruction: [dosageOf({ ...given, asNeeded: asNeeded === 'yes' })],
});

/** The stay ends now. One that has ended already is left alone. */
async function discharge({ repository, now }: PageOptions, id: string): Promise<void> {
  const encounter = await repository.readResource<Encounter>('Encounter', id);
  if (encounter.status === 'in-progress') {
    const period = { ...encounter.period, end: now.toISOString() };
    await repository.updateResource<Encounter>({ ...encounter, status: 'finished', period });
  }
}

/** A form of another site cannot act here. Clients that are no browser send no such header and may. */
const sameOrigin: RequestHandler = (request, response, next) => {
  const site = request.get('sec-fetch-site');
  return site === undefined || site === 'same-origin' ? next() : response.status(403).end();
};

/** No foreign origin, no inline code; apps are framed from our own public address only. */
function pageHeaders(origin: string): RequestHandler {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    `frame-src 'self' ${origin}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  return (_request, response, next) => {
    response.set({
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    });
    next();
  };
}

function sendAsset(response: Response, type: string, text: string): void {
  response.type(type).set({ 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' }).send(text);
}
