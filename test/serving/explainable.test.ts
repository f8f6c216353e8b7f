/** What metadata say of explanations is what the explain address then does. */
import assert from 'node:assert/strict';
import { explainParameters } from '../../src/serving/explainable.ts';
import { columns, manifestOf } from '../explain/networks.ts';
import { patient } from '../inference/prevent.ts';
import { inputsOf, openServed, type Served, type Site } from './served.ts';

const network = manifestOf([columns('one', 'two')], {
  players: [{ input: 'x', by: 'position', axis: 'feature' }],
  methods: ['permutation-shapley', 'leave-one-out'],
  element: 1,
});

describe('what metadata say of explanations', () => {
  let served: Served;
  let site: Site;
  before(async () => {
    served = await openServed();
    site = await served.listen();
  });
  after(async () => {
    await site.close();
    await served.close();
  });
  const parametersOf = async (model: string) =>
    (await site.get(`/v2/models/${model}`)).json<{ parameters: Record<string, unknown> }>().parameters;

  it('of a network: methods, output, element, scale and whom patients are compared with', () => {
    const { explain } = network;
    assert.deepEqual(explainParameters(network), {
      explainable: true,
      explain_methods: 'permutation-shapley,leave-one-out',
      explain_outputs: explain?.output,
      explain_element: 1,
      explain_scale: explain?.scale,
      explain_background: explain?.background.label,
    });
    assert.deepEqual(explainParameters({ ...network, explain: undefined }), { explainable: false });
  });

  it('of a clinical model: its one method, and every output that it explains', async () => {
    const said = await parametersOf('prevent');
    assert.deepEqual(
      [said.explainable, said.explain_methods, said.explain_scale],
      [true, 'exact-shapley', 'logit'],
    );
    const inputs = inputsOf(served.models.get('prevent').manifest, [patient]);
    for (const name of String(said.explain_outputs).split(',').slice(0, 3)) {
      const answer = await site.post('/v2/models/prevent/explain', { inputs, outputs: [{ name }] });
      const { explanation } = answer.json<{ explanation: { output: string; scale: string } }>();
      assert.deepEqual([explanation.output, explanation.scale], [name, said.explain_scale]);
    }
  });

  it('where it says no, an explanation is refused, in words of its own', async () => {
    assert.deepEqual(
      Object.entries(await parametersOf('fib-4')).filter(([name]) => name.startsWith('expl')),
      [['explainable', false]],
    );
    const { manifest } = served.models.get('fib-4');
    const row = Object.fromEntries(manifest.inputs.map(({ name }) => [name, 50]));
    const answer = await site.post('/v2/models/fib-4/explain', { inputs: inputsOf(manifest, [row]) });
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.json(), {
      error:
        'The request does not fit the inference API or the model. the model is not explained: its answer is a sum or a formula',
    });
  });
});
