import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadServices, PackageError } from '../../src/card/service.ts';
import { build, cardiovascular, cards, files, manifests, services, vocabulary } from './package.ts';

type Bent = ReturnType<typeof files>;

/** The message of a package that one change breaks. */
function complaint(bend: (bent: Bent) => void): string {
  const bent = files();
  bend(bent);
  try {
    build(bent);
  } catch (thrown) {
    assert.ok(thrown instanceof PackageError, String(thrown));
    return thrown.message;
  }
  assert.fail('accepted');
}

describe('card package', () => {
  it('is read from its folder', () => {
    const folders = readdirSync(cards, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const names = folders.map(({ name }) => name).sort();
    assert.deepEqual([...new Set(services.map((service) => service.package))], names);
    assert.deepEqual(cardiovascular.models, ['prevent', 'statin-benefit']);
    assert.equal(cardiovascular.package, 'cardiovascular-risk');
    assert.deepEqual(cardiovascular.explain, { model: 'prevent', output: '10yr_ascvd' });
    assert.equal(cardiovascular.clinicalReview.status, 'pending');
  });

  it('is found through links as well, as mounted volumes have them; hidden folders are none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'auscult-cards-'));
    try {
      mkdirSync(join(folder, '..data'));
      symlinkSync(join(cards, 'cardiovascular-risk'), join(folder, 'cardiovascular-risk'));
      const found = loadServices(folder, vocabulary, manifests);
      assert.deepEqual(
        found.map((service) => service.package),
        ['cardiovascular-risk'],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is one service per hook, named for the hook where it has several', () => {
    const bent = files();
    bent.service.hooks = ['patient-view', 'encounter-discharge'];
    assert.deepEqual(
      build(bent).map(({ id, hook, package: name }) => [id, hook, name]),
      [
        ['x-patient-view', 'patient-view', 'x'],
        ['x-encounter-discharge', 'encounter-discharge', 'x'],
      ],
    );
  });

  it('requires what a model or an unguarded condition cannot do without, and nothing else', () => {
    const required = (name: string) => cardiovascular.needed.find((need) => need.name === name)?.required;
    for (const name of [
      'age',
      'totalCholesterol',
      'smoking',
      'statin',
      'pregnancy',
      'statinAllergy',
      'deceased',
    ]) {
      assert.equal(required(name), true, name);
    }
    for (const name of ['ldlCholesterol', 'hba1c', 'uacr', 'sdiDecile'])
      assert.equal(required(name), false, name);
    assert.equal(required('creatinine'), undefined, 'derived inputs are the lists’ affair');
  });

  it('asks for a value that only a text names', () => {
    const bent = files();
    bent.card.cards[0].recommendation = 'Creatinine {{creatinine}}.';
    assert.deepEqual(
      build(bent)[0]?.needed.find(({ name }) => name === 'creatinine'),
      { name: 'creatinine', required: false },
    );
  });

  it('derives its prefetch lists', () => {
    const keys = cardiovascular.lists.map(({ key }) => key);
    for (const key of ['patient', 'conditions', 'medications', 'allergies', 'lipids', 'kidney'])
      assert.ok(keys.includes(key), key);
  });

  it('names file, field and rule when the shape is wrong', () => {
    assert.match(
      complaint((bent) => delete bent.service.title),
      /^cards\/x\/service\.json: title: /,
    );
    assert.match(
      complaint((bent) => (bent.service.clinicalReview = { status: 'fine' })),
      /service\.json: clinicalReview/,
    );
    assert.match(
      complaint((bent) => (bent.service.clinicalReview = { status: 'signed' })),
      /service\.json: clinicalReview\.by/,
    );
    assert.match(
      complaint((bent) => (bent.service.hooks = ['patient-viewed'])),
      /service\.json: hooks\.0: /,
    );
    assert.match(
      complaint((bent) => (bent.service.extra = 1)),
      /service\.json: \(file\): .*extra/,
    );
    assert.match(
      complaint((bent) => (bent.card.source.topic.code = 'a-b')),
      /card\.json: source\.topic\.code: must be 1 to 100 letters/,
    );
    assert.match(
      complaint((bent) => delete bent.card.overrideReasons[0].display),
      /card\.json: overrideReasons\.0\.display: /,
    );
    assert.match(
      complaint((bent) => (bent.card.source.url = 'http://x.example')),
      /card\.json: source\.url: must be an https URL/,
    );
  });

  it('names every problem, one line each', () => {
    const lines = complaint((bent) => {
      bent.service.exclusions[0].when = '%decease';
      bent.card.cards[1].when = '%prevent_10yr_ascvd >= 0.1';
    }).split('\n');
    assert.deepEqual(lines, [
      'cards/x/service.json: exclusions.0.when: %decease is not a known value, output or threshold',
      'cards/x/card.json: cards.high-risk.when: (%prevent_10yr_ascvd >= 0.1) needs a named threshold',
    ]);
  });

  it('refuses an expression that cannot be read', () => {
    assert.match(
      complaint((bent) => (bent.service.exclusions[0].when = '%deceased and')),
      /exclusions\.0\.when: is not one FHIRPath expression/,
    );
    assert.match(
      complaint((bent) => (bent.card.cards[0].when = '%statin.count() > %age')),
      /cards\.severe-ldl\.when: uses ".*count/,
    );
    assert.match(
      complaint((bent) => (bent.card.cards[0].when = '%age')),
      /cards\.severe-ldl\.when: is not true or false/,
    );
    assert.match(
      complaint((bent) => (bent.card.cards[0].when = '%statin and %age')),
      /is not true or false/,
    );
    assert.match(
      complaint((bent) => (bent.card.cards[0].when = "%age = 'old'")),
      /compares a number with a string/,
    );
  });

  it('does not let an exclusion hide that its value is missing', () => {
    assert.match(
      complaint((bent) => (bent.service.exclusions[0].when = '%deceased.exists() and %deceased')),
      /exclusions\.0\.when: .*undetermined/,
    );
  });

  it('never lets one outcome be judged by the threshold of another', () => {
    const blood = {
      value: 0.075,
      unit: '1',
      appliesTo: 'prevent_10yr_total_cvd',
      source: '2025 AHA/ACC blood pressure guideline',
    };
    const mixed = complaint((bent) => {
      bent.service.thresholds.treatBloodPressure = blood;
      bent.card.cards[1].when = '%prevent_10yr_ascvd >= %treatBloodPressure';
    });
    assert.match(mixed, /high-risk\.when: .*%treatBloodPressure applies to %prevent_10yr_total_cvd only/);
    const turned = complaint((bent) => (bent.card.cards[1].when = '%highRisk <= %prevent_10yr_total_cvd'));
    assert.match(turned, /%highRisk applies to %prevent_10yr_ascvd only/);
    const bare = complaint(
      (bent) => (bent.card.cards[1].when = '%prevent_10yr_total_cvd >= %prevent_10yr_ascvd'),
    );
    assert.match(bare, /needs a named threshold/);
    const own = files();
    own.service.thresholds.treatBloodPressure = blood;
    own.card.cards[1].when = '%prevent_10yr_total_cvd >= %treatBloodPressure';
    assert.equal(build(own).length, 1);
  });

  it('holds a threshold to the unit of what it applies to', () => {
    const molar = complaint((bent) => (bent.service.thresholds.severeLdl.unit = 'mmol/L'));
    assert.match(
      molar,
      /service\.json: thresholds\.severeLdl\.unit: %ldlCholesterol is in mg\/dL, not in mmol\/L/,
    );
    assert.match(
      complaint((bent) => (bent.service.thresholds.highRisk.unit = '%')),
      /thresholds\.highRisk\.unit/,
    );
    assert.match(
      complaint((bent) => (bent.service.thresholds.highRisk.appliesTo = 'prevent_10yr')),
      /thresholds\.highRisk\.appliesTo: %prevent_10yr is not/,
    );
    assert.match(
      complaint((bent) => (bent.service.thresholds.highRisk.appliesTo = 'statin')),
      /thresholds\.highRisk\.appliesTo/,
    );
    const clash = complaint((bent) => (bent.service.thresholds.age = bent.service.thresholds.oldestAge));
    assert.match(clash, /thresholds\.age: is already the name/);
  });

  it('refuses placeholders that nothing fills', () => {
    assert.match(
      complaint((bent) => bent.card.detail.push('{{risk}}')),
      /card\.json: detail: \{\{risk\}\} is not known here/,
    );
    assert.match(
      complaint((bent) => bent.card.detail.push('{{#explained}}')),
      /card\.json: detail: \{\{#explained\}\} is not closed/,
    );
    assert.match(
      complaint((bent) => (bent.card.cards[0].summary = '{{prevent_10yr}}')),
      /cards\.severe-ldl\.summary: \{\{prevent_10yr\}\}/,
    );
    assert.match(
      complaint((bent) => (bent.card.cards[0].recommendation = '{{recommendation}}')),
      /severe-ldl\.recommendation/,
    );
  });

  it('A2: refuses a summary that could reach 140 characters', () => {
    const summary = (length: number) => (bent: Bent) =>
      (bent.card.cards[0].summary = `{{ldlCholesterol}}${'x'.repeat(length)}`);
    assert.match(complaint(summary(116)), /cards\.severe-ldl\.summary: could reach 140 characters/);
    const bent = files();
    summary(115)(bent);
    assert.equal(build(bent).length, 1);
  });

  it('refuses what names nothing', () => {
    assert.match(
      complaint((bent) => (bent.service.models = ['score3'])),
      /service\.json: models: there is no model score3/,
    );
    assert.match(
      complaint((bent) => (bent.service.explain.output = '10yr')),
      /explain\.output: prevent has no probability 10yr/,
    );
    assert.match(
      complaint((bent) => (bent.service.explain.output = 'model')),
      /explain\.output/,
    );
    assert.match(
      complaint((bent) => (bent.service.explain.model = 'pce')),
      /explain\.model: pce is not among models/,
    );
    assert.match(
      complaint((bent) => (bent.card.cards[1].suggestions = ['aspirin'])),
      /cards\.high-risk\.suggestions: aspirin is not among/,
    );
    assert.match(
      complaint((bent) => (bent.card.cards[1].id = 'severe-ldl')),
      /cards: severe-ldl is given twice/,
    );
    assert.match(
      complaint((bent) => (bent.card.overrideReasons[1].code = 'patient-declined')),
      /overrideReasons: patient-declined is given twice/,
    );
  });

  it('stops the start on a file that is missing or no JSON', () => {
    const folder = mkdtempSync(join(tmpdir(), 'auscult-cards-'));
    try {
      mkdirSync(join(folder, 'broken'));
      assert.throws(
        () => loadServices(folder, vocabulary, manifests),
        /broken\/service\.json: \(file\): is not readable as JSON/,
      );
      writeFileSync(join(folder, 'broken/service.json'), '{');
      assert.throws(() => loadServices(folder, vocabulary, manifests), PackageError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('cites a source for every threshold, and a document for the clinician', () => {
    for (const service of loadServices(cards, vocabulary, manifests)) {
      // A drug's label is revised all the time: it is cited as it stands. A choice of our own says that it is one.
      for (const { source } of Object.values(service.thresholds))
        assert.match(source, /\d{4}|\blabels?\b|\bchoice\b|\bCMS\d+\b/);
    }
  });
});
