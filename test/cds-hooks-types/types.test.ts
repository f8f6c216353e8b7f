import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

const card = `summary: 's', indicator: 'info', source: { label: 'l' }`;
const fields = `hookInstance: 'i'`;
const patient = `userId: 'Practitioner/1', patientId: '1'`;
const feedback = `card: 'c', outcomeTimestamp: '2026-01-01T00:00:00Z'`;
const bundle = `{ resourceType: 'Bundle', type: 'collection' }`;
const token = `{ access_token: 't', token_type: 'Bearer', expires_in: 1, scope: 's', subject: 'x' }`;

/** Rule → one that must compile, one that must not. */
const cases: Record<string, { readonly yes: string; readonly no: string }> = {
  'A1: a response has cards, perhaps none': {
    yes: `const x: T.CdsResponse = { cards: [] };`,
    no: `const x: T.CdsResponse = {};`,
  },
  'A3: an indicator is info, warning or critical': {
    yes: `const x: T.Card = { ${card} };`,
    no: `const x: T.Card = { summary: 's', indicator: 'hard-stop', source: { label: 'l' } };`,
  },
  'A4: a source has a label': {
    yes: `const x: T.Source = { label: 'l', topic: { code: 'c' } };`,
    no: `const x: T.Source = { url: 'https://example.org' };`,
  },
  'A7: suggestions need a selectionBehavior': {
    yes: `const x: T.Card = { ${card}, suggestions: [{ label: 'l' }], selectionBehavior: 'any' };`,
    no: `const x: T.Card = { ${card}, suggestions: [{ label: 'l' }] };`,
  },
  'A8: an action has a description': {
    yes: `const x: T.Action = { type: 'delete', description: 'd', resourceId: 'ServiceRequest/1' };`,
    no: `const x: T.Action = { type: 'delete', resourceId: 'ServiceRequest/1' };`,
  },
  'A9: a create carries a resource, a delete does not': {
    yes: `const x: T.Action = { type: 'create', description: 'd', resource: { resourceType: 'Basic', code: {} } };`,
    no: `const x: T.Action = { type: 'delete', description: 'd', resource: { resourceType: 'Basic', code: {} } };`,
  },
  'A10: actionSelectionBehavior is an addition of 3.0': {
    yes: `const x: T.Suggestion = { label: 'l', actionSelectionBehavior: 'at-most-one' };`,
    no: `const x: T.Suggestion = { label: 'l', actionSelectionBehavior: 'one' };`,
  },
  'A11: an override reason has code, system and display': {
    yes: `const x: T.OverrideReason = { code: 'c', system: 's', display: 'd' };`,
    no: `const x: T.OverrideReason = { code: 'c', system: 's' };`,
  },
  'A12: appContext needs a SMART link': {
    yes: `const x: T.Link = { label: 'l', url: 'u', type: 'smart', appContext: 'a' };`,
    no: `const x: T.Link = { label: 'l', url: 'u', type: 'absolute', appContext: 'a' };`,
  },
  'A13: a system action needs no description': {
    yes: `const x: T.SystemAction = { type: 'delete', resourceId: 'ServiceRequest/1' };`,
    no: `const x: T.SystemAction = { type: 'delete' };`,
  },
  'D2: a service has a description': {
    yes: `const x: T.CdsService = { id: 'i', hook: 'vendor-hook', description: 'd', prefetch: { p: 'q' } };`,
    no: `const x: T.CdsService = { id: 'i', hook: 'patient-view', prefetch: { p: 'q' } };`,
  },
  'F2: accepted feedback names its suggestions': {
    yes: `const x: T.Feedback = { ${feedback}, outcome: 'accepted', acceptedSuggestions: [{ id: 's' }] };`,
    no: `const x: T.Feedback = { ${feedback}, outcome: 'accepted' };`,
  },
  'F2: an override reason has a reason, a comment, or both': {
    yes: `const x: T.Feedback = { ${feedback}, outcome: 'overridden', overrideReason: { userComment: 'c' } };`,
    no: `const x: T.Feedback = { ${feedback}, outcome: 'overridden', overrideReason: {} };`,
  },
  'Q2: a context is that of its hook': {
    yes: `const x: T.CdsRequest = { hook: 'order-sign', ${fields}, context: { ${patient}, draftOrders: ${bundle} } };`,
    no: `const x: T.CdsRequest = { hook: 'order-sign', ${fields}, context: { ${patient} } };`,
  },
  'Q2: a request narrows on its hook': {
    yes: `declare const r: T.CdsRequest; if (r.hook === 'order-select') r.context.selections.length;`,
    no: `declare const r: T.CdsRequest; if (r.hook === 'patient-view') r.context.selections.length;`,
  },
  'Q3: an authorization comes with its server': {
    yes: `const x: T.FhirAccess = { fhirServer: 'https://e', fhirAuthorization: ${token} };`,
    no: `const x: T.FhirAccess = { fhirAuthorization: ${token} };`,
  },
  'Q5: a prefetch key may be null': {
    yes: `const x: T.Prefetch = { a: null, b: { resourceType: 'Patient' } };`,
    no: `const x: T.Prefetch = { a: [] };`,
  },
  'order-dispatch has no user': {
    yes: `const x: T.OrderDispatchContext = { patientId: '1', dispatchedOrders: ['ServiceRequest/1'], performer: 'Organization/1' };`,
    no: `const x: T.OrderDispatchContext = { patientId: '1', performer: 'Organization/1' };`,
  },
};

describe('cds-hooks-types', () => {
  /** Files that do not compile. One run of the compiler for all of them. */
  let broken: Set<string>;
  let folder: string;

  before(async function () {
    this.timeout(60_000);
    // Outside the project's own tsconfig: half of the snippets are broken on purpose.
    mkdirSync(join(root, '.auscult'), { recursive: true });
    folder = mkdtempSync(join(root, '.auscult/snippets-'));
    for (const [at, { yes, no }] of Object.values(cases).entries()) {
      for (const [name, code] of [
        [`${at}-yes.ts`, yes],
        [`${at}-no.ts`, no],
      ] as const) {
        writeFileSync(
          join(folder, name),
          `import type * as T from 'cds-hooks-types';\n${code}\nexport {};\n`,
        );
      }
    }
    const options = {
      strict: true,
      module: 'nodenext',
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: [],
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: ['*.ts'] }),
    );
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const output = await run(process.execPath, [compiler, '-p', folder, '--pretty', 'false']).then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
    broken = new Set(
      [...output.matchAll(/(\d+-(?:yes|no)\.ts)\(\d+,\d+\): error/g)].map((match) => match[1] ?? ''),
    );
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [at, rule] of Object.keys(cases).entries()) {
    it(rule, () => {
      assert.equal(broken.has(`${at}-yes.ts`), false, 'the good one compiles');
      assert.equal(broken.has(`${at}-no.ts`), true, 'the bad one does not');
    });
  }
});
