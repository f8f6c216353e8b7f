import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPackages, type Packages } from '../src/assemble.ts';
import { caseFile } from '../src/cases/case.ts';
import { caseFaults } from '../src/cases/run.ts';
import { cards as folder, services } from './card/package.ts';
import { profileOf } from './clients/profiles.ts';

const zones = ['UTC', 'Pacific/Kiritimati', 'America/Los_Angeles'];
const zone = process.env.TZ;

/** What every package must say: its own cases (src/cases/case.ts), through the real models, wherever the server stands. */
describe(`cases of the card packages, each in ${zones.join(', ')}`, function () {
  this.timeout(60_000);
  let packages: Packages;
  before(async () => {
    packages = await openPackages();
  });
  after(() => packages.models.close());
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  for (const service of services) {
    const cases = join(folder, service.package, 'cases');
    describe(service.id, () => {
      for (const file of existsSync(cases) ? readdirSync(cases).sort() : []) {
        const one = caseFile.parse(JSON.parse(readFileSync(join(cases, file), 'utf8')));
        it(`${file.replace('.json', '')}: ${one.title}`, async () => {
          const profile = profileOf('cds-hooks-2.0');
          for (const TZ of zones) {
            process.env.TZ = TZ;
            assert.deepEqual(await caseFaults(one, service, { ...packages, profile }), [], TZ);
          }
        });
      }
    });
  }
});
