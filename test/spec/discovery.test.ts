/** D1–D4: what an EHR learns before it calls. */
import assert from 'node:assert/strict';
import type { CdsService, Discovery } from 'cds-hooks-types';
import { hookCall, hookNames } from '../../fixtures/hooks.ts';
import { cardsOf, json, now, openHouse, refused, type Site, type TestHouse } from '../harness.ts';
import { adultTemplates, offersWithAdult } from './adult.ts';

const members = ['hook', 'title', 'description', 'id', 'prefetch', 'usageRequirements', 'extension'];

/** Published versions (HL7/cds-hooks-library). */
const hookVersions: Readonly<Record<string, readonly string[]>> = {
  'order-dispatch': ['1.1'],
  'order-select': ['1.0', '1.0.1', '1.0.2'],
  'order-sign': ['1.0', '1.1.0'],
};

describe('discovery (CDS Hooks 2.0, "Discovery")', () => {
  let house: TestHouse;
  let site: Site;
  let services: readonly CdsService[];
  before(async () => {
    house = await openHouse();
    site = await house.listen({ offers: offersWithAdult(house.packages.services) });
    services = (json(await site.get('/cds-services')) as Discovery).services;
  });
  after(() => house.close());

  it('D1: holds nothing but the services', async () => {
    assert.deepEqual(Object.keys(json(await site.get('/cds-services')) as object), ['services']);
  });

  it('D2: every hook of the library is offered under an id that fits into a path', () => {
    for (const hook of hookNames)
      assert.ok(
        services.some((each) => each.hook === hook),
        hook,
      );
    for (const { id } of services) assert.equal(encodeURIComponent(id), id);
  });

  it('D2: holds only members that 2.0 knows, prefetch string to string', () => {
    for (const service of services) {
      assert.deepEqual(
        Object.keys(service).filter((name) => !members.includes(name)),
        [],
      );
      for (const query of Object.values(service.prefetch ?? {})) assert.equal(typeof query, 'string');
    }
  });

  it('D3: claims no version of a hook that was not published', () => {
    for (const service of services) {
      const { hookVersion } = service as { readonly hookVersion?: string };
      if (hookVersion === undefined) continue;
      assert.ok(
        (hookVersions[service.hook] ?? ['1.0']).includes(hookVersion),
        `${service.hook} ${hookVersion}`,
      );
    }
  });

  it('D4: a package on several hooks has an id for each, so that no answer replaces another', () => {
    const ids = services.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const hook of hookNames) {
      assert.equal(services.find(({ id }) => id === `adult-${hook}`)?.hook, hook);
    }
  });

  it('D4: each id answers its own hook and no other', async () => {
    for (const hook of hookNames) {
      const path = `/cds-services/adult-${hook}`;
      assert.equal(cardsOf(await site.post(path, hookCall(hook, 'treated', now, adultTemplates))).length, 1);
      const other = hookNames.find((name) => name !== hook) ?? hook;
      refused(await site.post(path, hookCall(other, 'treated', now, adultTemplates)), 400, 'hook-mismatch');
    }
  });
});
