/**
 * The charts, in memory. Adds to Medplum's MemoryRepository what an EHR has and it lacks: only the served
 * types, validation on write, transactions that roll back, and `_sort` with several rules.
 */
import {
  badRequest,
  notFound,
  OperationOutcomeError,
  type SearchRequest,
  validateResource,
  type WithId,
} from '@medplum/core';
import {
  type CreateResourceOptions,
  type DeleteResourceOptions,
  MemoryRepository,
} from '@medplum/fhir-router';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { chartNames, loadChart } from '../../fixtures/charts.ts';
import { isServed } from './definitions.ts';

export interface Persona {
  readonly patientId: string;
  readonly title: string;
  readonly shows: string;
}

/** Author of the charts and the user that is signed in. */
export const clinician: Resource & { id: string } = {
  resourceType: 'Practitioner',
  id: 'sandbox-clinician',
  name: [{ family: 'Clinician', given: ['Sandbox'] }],
};

export class ChartRepository extends MemoryRepository {
  /** What would undo the open transaction, newest first; undefined when none is open. */
  private undo: (() => Promise<unknown>)[] | undefined;

  /** @throws OperationOutcomeError when the type is not served or the resource is invalid. */
  override async createResource<T extends Resource>(
    resource: T,
    options?: CreateResourceOptions,
    update = false,
  ): Promise<WithId<T>> {
    assertServed(resource.resourceType);
    validateResource(resource);
    const before = update ? await this.find(resource.resourceType, resource.id) : undefined;
    const written = await super.createResource(resource, options, update);
    this.undo?.unshift(() =>
      before === undefined
        ? super.deleteResource(written.resourceType, written.id)
        : super.createResource(before, undefined, true),
    );
    return written;
  }

  override async deleteResource(
    resourceType: string,
    id: string,
    options?: DeleteResourceOptions,
  ): Promise<void> {
    const before = await this.find(resourceType, id);
    await super.deleteResource(resourceType, id, options);
    this.undo?.unshift(async () => before && super.createResource(before, undefined, true));
  }

  /** @throws OperationOutcomeError when the type is not served. */
  override async search<T extends Resource>(request: SearchRequest<T>): Promise<Bundle<WithId<T>>> {
    assertServed(request.resourceType);
    // The memory repository sorts once per rule, the last one winning: hand them over in reverse.
    return super.search({
      ...request,
      ...(request.sortRules && { sortRules: request.sortRules.toReversed() }),
    });
  }

  /** All or nothing: what was written before an error is undone. */
  override async withTransaction<TResult>(
    callback: (repository: this) => Promise<TResult>,
  ): Promise<TResult> {
    this.undo = [];
    try {
      return await callback(this);
    } catch (error) {
      const steps = this.undo;
      this.undo = undefined;
      for (const step of steps) {
        await step();
      }
      throw error;
    } finally {
      this.undo = undefined;
    }
  }

  /** Drops everything and loads the personas, dated relative to `now`, with their own ids. */
  async seed(now: Date): Promise<readonly Persona[]> {
    this.clear();
    await this.createResource(clinician);
    const personas: Persona[] = [];
    for (const name of chartNames()) {
      const { bundle, patientId, title, shows } = loadChart(name, now);
      for (const { resource } of bundle.entry ?? []) {
        await (resource && this.createResource(resource));
      }
      personas.push({ patientId, title, shows });
    }
    return personas;
  }

  /** Everything of one type that names this patient, in the order written. */
  async ofPatient<T extends Resource>(
    resourceType: T['resourceType'],
    patientId: string,
  ): Promise<readonly T[]> {
    const filters = [{ code: 'patient', operator: 'eq' as const, value: `Patient/${patientId}` }];
    return this.searchResources<T>({ resourceType, filters, count: 1000 });
  }

  private async find(resourceType: string, id: string | undefined): Promise<Resource | undefined> {
    return id === undefined ? undefined : this.readResource(resourceType, id).catch(() => undefined);
  }
}

function assertServed(type: string | undefined): void {
  if (!isServed(type)) {
    throw new OperationOutcomeError(type === undefined ? badRequest('No resource type') : notFound);
  }
}
