/** reliability.md §3: whatever comes in, the readers at the edge take it or refuse it; they do not break. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chartNames, loadChart } from '../../fixtures/charts.ts';
import { edited } from '../../fuzz/edits.ts';
import { Fault } from '../../src/errors.ts';
import { parseJsonObject } from '../../src/fhir/json.ts';
import { parseEnvelope } from '../../src/hooks/envelope.ts';
import { parseFeedback } from '../../src/hooks/feedback.ts';
import { readPrefetch } from '../../src/hooks/prefetch.ts';

const now = new Date('2026-03-15T10:00:00Z');
const atScreen = { userId: 'Practitioner/1', patientId: '1' };
const order = { resource: { resourceType: 'MedicationRequest', subject: { reference: 'Patient/1' } } };
const draftOrders = { resourceType: 'Bundle', entry: [order] };
const contexts: Readonly<Record<string, object>> = {
  'patient-view': atScreen,
  'order-sign': { ...atScreen, draftOrders },
  'order-select': { ...atScreen, draftOrders, selections: ['MedicationRequest/1'] },
  'encounter-start': { ...atScreen, encounterId: 'e' },
  'appointment-book': { ...atScreen, appointments: { resourceType: 'Bundle' } },
};
const hook = fc.constantFrom(...Object.keys(contexts));
const hookInstance = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
const valid = hook.map((name) => ({ hook: name, hookInstance, context: contexts[name] ?? {} }));
const known = new Set(['hook', 'hookInstance', 'context', 'fhirServer', 'fhirAuthorization', 'prefetch']);

/** @returns false where it was refused with a Fault of the caller's making */
function taken(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (thrown) {
    assert.ok(thrown instanceof Fault && thrown.status < 500, String(thrown));
    assert.ok(thrown.details.every((detail) => /^[\w\-.? ]{1,400}$/.test(detail)));
    return false;
  }
}

describe('inputs, whatever they are', () => {
  it('I-envelope: any JSON is a request or a Fault', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), hook, (body, name) => {
        taken(() => parseEnvelope(body, name));
      }),
      { numRuns: 3000 },
    );
  });

  it('I-envelope: a request with anything in its known members is a request or a Fault', () => {
    const members = fc.record(Object.fromEntries([...known].map((name) => [name, fc.jsonValue()])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(valid, members, (request, strange) => {
        taken(() => parseEnvelope({ ...request, ...strange }, request.hook));
      }),
      { numRuns: 3000 },
    );
  });

  it('J4: a valid request is one whatever members it has besides', () => {
    const name = fc.string({ minLength: 1 }).filter((each) => !known.has(each) && each !== '__proto__');
    const more = fc.dictionary(name, fc.jsonValue());
    fc.assert(
      fc.property(valid, more, more, (request, outside, inside) => {
        const { hook: called, context } = request;
        const body = { ...outside, ...request, context: { ...inside, ...context } };
        assert.ok(taken(() => assert.equal(parseEnvelope(body, called).hook, called)));
      }),
      { numRuns: 2000 },
    );
  });

  it('I-prefetch: any JSON under a key is a page, absent or failed', () => {
    const query = fc.constantFrom('Patient/1', 'Observation?patient=1', '?');
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), query, (value, asked) => {
        assert.match(readPrefetch(value, asked).kind, /^(page|absent|failed)$/);
      }),
      { numRuns: 3000 },
    );
  });

  it('I-prefetch: a page holds resources only, however a Bundle is bent', () => {
    const bundles = chartNames().map((chart) => loadChart(chart, now).bundle);
    fc.assert(
      fc.property(fc.constantFrom(...bundles), fc.uint8Array({ maxLength: 30 }), (bundle, bytes) => {
        const reading = readPrefetch(edited(bundle, bytes), '?');
        if (reading.kind !== 'page') return;
        for (const resource of reading.resources)
          assert.ok(
            typeof resource.resourceType === 'string' && resource.resourceType !== 'OperationOutcome',
          );
      }),
      { numRuns: 2000 },
    );
  });

  it('I-feedback: any JSON is feedback or a Fault, in either dialect', () => {
    const entry = fc.record(
      {
        card: fc.oneof(fc.string(), fc.jsonValue()),
        outcome: fc.oneof(fc.constantFrom('accepted', 'overridden'), fc.jsonValue()),
        outcomeTimestamp: fc.oneof(
          fc.date({ noInvalidDate: true }).map((at) => at.toISOString()),
          fc.jsonValue(),
        ),
        acceptedSuggestions: fc.oneof(fc.array(fc.record({ id: fc.string() })), fc.jsonValue()),
        overrideReason: fc.jsonValue(),
        overrideReasons: fc.oneof(fc.array(fc.record({ code: fc.jsonValue() })), fc.jsonValue()),
        extension: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(fc.jsonValue(), fc.record({ feedback: fc.array(entry, { maxLength: 3 }) }));
    fc.assert(
      fc.property(body, fc.constantFrom('standard' as const, 'epic' as const), (json, feedback) => {
        taken(() => parseFeedback(json, { feedback }));
      }),
      { numRuns: 4000 },
    );
  });

  describe('JSON', () => {
    const unsafe = /"(__proto__|constructor|prototype)"/;
    const object = fc.dictionary(
      fc.string({ unit: 'binary' }),
      fc.jsonValue({ maxDepth: 8, stringUnit: 'binary' }),
    );

    it('I-json: reads what JSON.parse reads', () => {
      fc.assert(
        fc.property(object, fc.constantFrom('', ' ', '\t', '\r\n'), (value, space) => {
          const text = space + JSON.stringify(value, null, space.length) + space;
          fc.pre(!unsafe.test(text));
          assert.deepEqual(parseJsonObject(Buffer.from(text)), JSON.parse(text));
        }),
        { numRuns: 3000 },
      );
    });

    it('I-json: takes nothing that JSON.parse refuses, and means the same by what it takes', () => {
      const bent = fc
        .tuple(
          object,
          fc.nat(),
          fc.nat({ max: 3 }),
          fc.constantFrom('', '"', ',', '}', '{', '\\', '0', 'e', '\ufeff', '\u0000'),
        )
        .map(([value, place, length, put]) => {
          const text = JSON.stringify(value);
          const at = place % (text.length + 1);
          return text.slice(0, at) + put + text.slice(at + length);
        });
      fc.assert(
        fc.property(bent, (text) => {
          let value: unknown;
          if (!taken(() => (value = parseJsonObject(Buffer.from(text))))) return;
          assert.deepEqual(value, JSON.parse(Buffer.from(text).toString('utf8')));
        }),
        { numRuns: 5000 },
      );
    });
  });
});
