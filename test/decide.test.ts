/** The story: the order of its effects, what reaches the ledger, and that its numbers are one and the same. */
import assert from 'node:assert/strict';
import type { Call, Deps } from '../src/call.ts';
import { offerOf } from '../src/card/offer.ts';
import { judge } from '../src/card/policy.ts';
import { decide } from '../src/decide.ts';
import { Fault } from '../src/errors.ts';
import { extract } from '../src/features/extract.ts';
import { parseEnvelope } from '../src/hooks/envelope.ts';
import { gatherChart } from '../src/hooks/gather.ts';
import { sandboxRegistration } from '../src/hooks/registration.ts';
import type { Row } from '../src/inference/model.ts';
import type { Decision } from '../src/ledger/decision.ts';
import { asDecisionId } from '../src/ledger/id.ts';
import { createMemoryLedger } from '../src/ledger/memory.ts';
import { profileOf } from './clients/profiles.ts';
import { now, openHouse, service as serviceId, type TestHouse } from './harness.ts';

describe('decide', () => {
  let house: TestHouse;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  const service = () => house.packages.services.get(serviceId) ?? assert.fail();
  const decideOne = async (call: Call, deps: Deps): Promise<Decision> => {
    const [decision, ...more] = await decide(call, offerOf(service()), deps);
    assert.equal(more.length, 0);
    return decision ?? assert.fail('no decision');
  };
  const callOf = (persona: string, changes: object = {}): Call => ({
    request: parseEnvelope({ ...house.request(persona), ...changes }, service().hook),
    registration: sandboxRegistration(3000),
    profile: profileOf('cds-hooks-2.0'),
    signal: new AbortController().signal,
  });
  const decideFor = (persona: string, changes: Partial<Deps> = {}): Promise<Decision> =>
    decideOne(callOf(persona), { ...house.deps(), ...changes });

  describe('the ledger', () => {
    it('has the decision before it is answered, and has it whole', async () => {
      const memory = createMemoryLedger();
      const decision = await decideFor('high-risk-untreated', { ledger: memory });
      assert.deepEqual(await memory.find(decision.id, 'sandbox', decision.patientId), decision);
    });

    it('that takes its time is waited for', async () => {
      const steps: string[] = [];
      const record = async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        steps.push('recorded');
      };
      await decideFor('high-risk-untreated', { ledger: { ...createMemoryLedger(), record } });
      steps.push('answered');
      assert.deepEqual(steps, ['recorded', 'answered']);
    });

    it('that refuses: no decision, no card', async () => {
      const record = () => Promise.reject(new Fault('ledger-unavailable'));
      const ledger = { ...createMemoryLedger(), record };
      await assert.rejects(decideFor('high-risk-untreated', { ledger }), { code: 'ledger-unavailable' });
      await assert.rejects(decideFor('treated', { ledger }), { code: 'ledger-unavailable' });
    });

    it('learns why nothing was said', async () => {
      const reasons: readonly [string, Decision['outcome'], RegExp][] = [
        ['treated', 'silent', /^already-treated$/],
        ['known-ascvd', 'silent', /^known-ascvd$/],
        ['pregnant', 'silent', /^pregnancy$/],
        ['statin-allergy', 'silent', /^statin-allergy$/],
        ['low-risk', 'silent', /^below-threshold$/],
        ['age-80', 'silent', /^out-of-scope$/],
        ['missing-cholesterol', 'abstained', /^missing: totalCholesterol \(not-recorded\)/],
        ['stale-labs', 'abstained', /\(stale\)/],
        ['unit-less-lab', 'abstained', /\(unknown-unit\)/],
      ];
      for (const [persona, outcome, reason] of reasons) {
        const memory = createMemoryLedger();
        const { id, patientId } = await decideFor(persona, { ledger: memory });
        const kept = await memory.find(id, 'sandbox', patientId);
        assert.equal(kept?.outcome, outcome, persona);
        assert.match(kept?.reason ?? '', reason, persona);
        assert.deepEqual(kept?.cards, []);
      }
    });

    it('is asked nothing where the request is refused', async () => {
      let recorded = 0;
      const record = async () => {
        recorded++;
      };
      const ledger = { ...createMemoryLedger(), record };
      const call = callOf('high-risk-untreated', { prefetch: {} });
      await assert.rejects(decideOne(call, { ...house.deps(), ledger }), {
        code: 'required-data-unavailable',
      });
      assert.equal(recorded, 0);
    });
  });

  describe('content that awaits clinical review', () => {
    const heldBack = (persona: string) => decideFor(persona, { mayShow: () => false });

    it('decides and computes, but stays silent and says why', async () => {
      const decision = await heldBack('high-risk-untreated');
      assert.equal(decision.outcome, 'silent');
      assert.equal(decision.reason, 'clinical-review-pending');
      assert.deepEqual(decision.cards, []);
      assert.equal(decision.explanation, undefined);
      assert.equal(decision.results[0]?.kind, 'prediction');
    });

    it('keeps its own reason where it would have been silent anyway', async () => {
      assert.equal((await heldBack('treated')).reason, 'already-treated');
    });
  });

  describe('the explanation', () => {
    /** Rows of every run of the model. */
    const counting = () => {
      const runs: number[] = [];
      const model = house.packages.models.get('prevent');
      const run: typeof model.run = (rows: readonly Row[], signal) => {
        runs.push(rows.length);
        return model.run(rows, signal);
      };
      const between: typeof model.between = (from, to, players, ...rest) => {
        runs.push(2 ** players.length);
        return model.between(from, to, players, ...rest);
      };
      return { runs, models: { ...house.packages.models, get: () => ({ ...model, run, between }) } };
    };

    it('is computed only for what is shown', async () => {
      for (const persona of ['treated', 'low-risk', 'missing-cholesterol']) {
        const { runs, models } = counting();
        assert.equal((await decideFor(persona, { models })).explanation, undefined);
        assert.ok(runs.length <= service().models.length && runs.every((rows) => rows === 1), persona);
      }
      const { runs, models } = counting();
      assert.ok((await decideFor('high-risk-untreated', { models })).explanation !== undefined);
      assert.equal(runs.filter((rows) => rows > 1).length, 1);
    });

    for (const persona of ['high-risk-untreated', 'intermediate-risk', 'borderline', 'molar-units']) {
      it(`${persona}: explains the very number that was predicted, and adds up to 1e-9`, async () => {
        const { explanation, results, outputs, cards } = await decideFor(persona);
        const [result] = results;
        assert.ok(explanation !== undefined && result?.kind === 'prediction');
        assert.equal(explanation.output, '10yr_ascvd');
        assert.equal(explanation.value, result.outputs['10yr_ascvd']);
        assert.equal(outputs.find(({ name }) => name === '10yr_ascvd')?.value, explanation.value);
        assert.equal(explanation.digest, result.digest);
        const logit = (p: number) => Math.log(p / (1 - p));
        const sum = explanation.contributions.reduce((total, { phi }) => total + phi, 0);
        assert.ok(Math.abs(logit(explanation.value) - logit(explanation.baseline.value) - sum) < 1e-9);
        const percent = `${(100 * explanation.value).toFixed(1)}`.replace(/\.0$/, '(?:\\.0)?');
        assert.match(cards[0]?.summary ?? '', new RegExp(`${percent}\\s?%`));
      });
    }
  });

  it('the same call decides the same, to the last bit', async () => {
    const [first, second] = [await decideFor('high-risk-untreated'), await decideFor('high-risk-untreated')];
    const numbers = ({ outcome, reason, values, results, outputs, explanation }: Decision) => ({
      ...{ outcome, reason, values, results, outputs, explanation },
    });
    assert.deepEqual(numbers(first), numbers(second));
    assert.notEqual(first.id, second.id);
    assert.equal(first.decidedAt, now.toISOString());
  });

  it('the clock is read once: one decision, one instant', async () => {
    let ticks = 0;
    const clock = () => new Date(now.getTime() + 365 * 24 * 3_600_000 * ticks++);
    const decision = await decideFor('high-risk-untreated', { clock });
    assert.equal(ticks, 1);
    assert.equal(decision.decidedAt, now.toISOString());
  });

  it('appContext is the opaque id of the decision and nothing else', async () => {
    const { id, cards } = await decideFor('high-risk-untreated');
    const [link] = cards[0]?.links ?? [];
    assert.ok(link?.type === 'smart');
    assert.equal(link.appContext, id);
    assert.equal(asDecisionId(link.appContext), id);
    assert.ok(!link.url.includes('?'));
  });

  it('nothing that came in is changed', async () => {
    const freeze = (value: unknown): unknown => {
      if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
      return value;
    };
    const call = callOf('high-risk-untreated');
    for (const value of call.request.prefetch.values()) freeze(value);
    freeze(call.request.context);
    assert.equal((await decideOne(call, house.deps())).outcome, 'show');
  });

  it('says what its stages say: the policy on the same chart gives the same verdict', async () => {
    const call = callOf('treated');
    const { lists, needed } = service();
    const options = { reader: undefined, fhirServers: [], now, signal: call.signal };
    const chart = await gatherChart(call.request, lists, options);
    const features = extract(
      chart,
      house.packages.vocabulary,
      needed.map(({ name }) => name),
    );
    const verdict = judge(service(), { features, results: [] });
    assert.ok(verdict.kind === 'silent' && verdict.reason === 'already-treated');
  });

  it('an ended call: deadline-passed, and nothing recorded', async () => {
    let recorded = 0;
    const record = async () => {
      recorded++;
    };
    const call = { ...callOf('high-risk-untreated'), signal: AbortSignal.abort() };
    const deps = house.deps({ ledger: { ...createMemoryLedger(), record } });
    await assert.rejects(decideOne(call, deps), { code: 'deadline-passed' });
    assert.equal(recorded, 0);
  });
});
