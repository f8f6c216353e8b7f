/** What tensors may hold, and what becomes of rows that the model does not answer. */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import type { InputValue } from '../../src/inference/row.ts';
import { datatypeOf } from '../../src/serving/tensor.ts';
import { contentsOfJson } from '../../src/serving/tensor-json.ts';
import { patient, vectors } from '../inference/prevent.ts';
import {
  type Answer,
  columnsOf,
  type InferAnswer,
  inputsOf,
  type JsonTensor,
  openServed,
  type Patient,
  type Served,
  type Site,
} from './served.ts';

const infer = '/v2/models/prevent/infer';

describe('infer', () => {
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

  const tensors = (patients: readonly Patient[]) => inputsOf(served.models.get('prevent').manifest, patients);
  const ask = (patients: readonly Patient[], more: object = {}): Promise<Answer> =>
    site.post(infer, { inputs: tensors(patients), ...more });
  const columns = async (answer: Promise<Answer>) => {
    const given = await answer;
    assert.equal(given.status, 200, given.bytes.toString());
    return columnsOf(given.json<InferAnswer>());
  };
  const errorOf = async (answer: Promise<Answer>, status = 400): Promise<string> => {
    const given = await answer;
    assert.equal(given.status, status, given.bytes.toString());
    return given.json<{ error: string }>().error;
  };
  /** One patient, with one tensor replaced or added. */
  const withTensor = (tensor: Partial<JsonTensor> & { name: string }): Promise<Answer> => {
    const all = tensors([patient]);
    const old = all.find(({ name }) => name === tensor.name);
    const own = { shape: [1], datatype: 'FP64', data: [], ...old, ...tensor };
    return site.post(infer, { inputs: [...all.filter(({ name }) => name !== tensor.name), own] });
  };

  it('many rows are answered in their order', async () => {
    const patients = [patient, { ...patient, age: 60 }, { ...patient, sex: 'male' }];
    const together = await columns(ask(patients));
    for (const [row, one] of patients.entries()) {
      const alone = await columns(ask([one]));
      for (const name of ['10yr_ascvd', '30yr_heart_failure'])
        assert.ok(Math.abs(Number(together[name]?.[row]) - Number(alone[name]?.[0])) < 1e-15, name);
    }
  });

  it('what does not apply to a row is null, and its mask says so', async () => {
    const given = await columns(ask([patient, { ...patient, age: 60 }]));
    assert.deepEqual(given['30yr_ascvd_applies'], [true, false]);
    assert.equal(given['30yr_ascvd']?.[1], null);
    assert.equal(typeof given['30yr_ascvd']?.[0], 'number');
    assert.equal('10yr_ascvd_applies' in given, false);
  });

  it('shape [rows, 1] and nested data mean the same', async () => {
    const flat = await columns(ask([patient, patient]));
    const nested = tensors([patient, patient]).map((tensor) => ({
      ...tensor,
      shape: [2, 1],
      data: tensor.data.map((item) => [item]),
    }));
    assert.deepEqual(columnsOf((await site.post(infer, { inputs: nested })).json()), flat);
  });

  it('numbers may come as FP32 or INT64, truths as numbers', async () => {
    const usual = await columns(ask([patient]));
    const other = tensors([patient]).map((tensor) => {
      if (tensor.name === 'age') return { ...tensor, datatype: 'INT64' };
      if (tensor.name === 'sbp') return { ...tensor, datatype: 'FP32' };
      if (tensor.name === 'dm') return { ...tensor, datatype: 'FP64', data: [1] };
      return tensor;
    });
    assert.deepEqual(columnsOf((await site.post(infer, { inputs: other })).json()), usual);
  });

  it('missing where the manifest allows it: the tensor left out, or null for some rows', async () => {
    const given = await columns(ask([patient, { ...patient, hba1c: 9 }]));
    assert.deepEqual(given.model, ['base', 'hba1c']);
  });

  it('a control per row: an empty word chooses nothing', async () => {
    const [answer] = [
      await columns(
        ask([
          { ...patient, hba1c: 9, model: '' },
          { ...patient, hba1c: 9, model: 'base' },
        ]),
      ),
    ];
    assert.deepEqual(answer.model, ['hba1c', 'base']);
  });

  describe('abstention', () => {
    const odd: readonly Patient[] = [
      patient,
      { ...patient, sbp: 212.25 },
      { ...patient, total_c: null, age: 12.5 },
      { ...patient, sex: 'none-such' },
    ];

    it('fails the request with every row and reason, and no value', async () => {
      const error = await errorOf(ask(odd));
      assert.match(error, /row 1: sbp out-of-range \(90 to 200 mm\[Hg\]\)/);
      assert.match(error, /row 2: age out-of-range \(30 to 79 a\), total_c missing/);
      assert.match(error, /row 3: sex unknown-category/);
      assert.doesNotMatch(error, /row 0|212|12\.5|none-such/);
    });

    it('is told apart where that is allowed', async () => {
      const given = await columns(ask(odd, { parameters: { allow_abstention: true } }));
      assert.deepEqual(given.prevent_abstained, [false, true, true, true]);
      assert.deepEqual(given['10yr_ascvd']?.slice(1), [null, null, null]);
      assert.equal(typeof given['10yr_ascvd']?.[0], 'number');
      assert.deepEqual(given.model, ['base', '', '', '']);
      const reasons = given.prevent_abstention_reasons ?? [];
      assert.equal(reasons[0], '');
      assert.match(String(reasons[2]), /^age out-of-range .*, total_c missing$/);
    });

    it('ranges are waived where that is asked for, as for predict', async () => {
      const parameters = { allow_out_of_range: true };
      const given = await columns(ask([{ ...patient, sbp: 212.25 }], { parameters }));
      assert.equal(typeof given['10yr_ascvd']?.[0], 'number');
      await errorOf(ask([{ ...patient, total_c: null }, patient], { parameters }));
    });

    it('names a hundred rows and counts the rest', async () => {
      const error = await errorOf(ask(Array.from({ length: 4096 }, () => ({ ...patient, age: 1 }))));
      assert.match(error, /row 99: .*; and 3996 more rows$/);
      assert.doesNotMatch(error, /row 100:/);
    });
  });

  const wrong: readonly (readonly [string, Partial<JsonTensor> & { name: string }, RegExp])[] = [
    [
      'another datatype',
      { name: 'age', datatype: 'BYTES', data: ['50'] },
      /age is taken as FP64, FP32, INT64/,
    ],
    ['a datatype we do not have', { name: 'age', datatype: 'FP16' }, /datatype/],
    ['words as numbers', { name: 'sex', datatype: 'FP64', data: [0] }, /sex is taken as BYTES/],
    ['an element of another type', { name: 'age', data: ['fifty'] as InputValue[] }, /not FP64/],
    ['a fraction as INT64', { name: 'age', datatype: 'INT64', data: [50.5] }, /not INT64/],
    ['an INT64 beyond 2^53', { name: 'age', datatype: 'INT64', data: [2 ** 53] }, /not INT64/],
    ['a number as BOOL', { name: 'dm', datatype: 'BOOL', data: [1] }, /not BOOL/],
    ['no rows', { name: 'age', shape: [0], data: [] }, /no row/],
    ['too many rows', { name: 'age', shape: [4097], data: [50] }, /more than 4096/],
    ['two columns', { name: 'age', shape: [1, 2], data: [50, 50] }, /neither/],
    ['three dimensions', { name: 'age', shape: [1, 1, 1] }, /shape/],
    ['a negative dimension', { name: 'age', shape: [-1] }, /shape/],
    ['fewer elements than the shape', { name: 'age', shape: [2], data: [50] }, /another number/],
    ['more rows than the others', { name: 'age', shape: [2], data: [50, 51] }, /another number of rows/],
    ['an input that there is not', { name: 'ldl', data: [1] }, /no such input/],
    ['nothing where a value is needed', { name: 'age', data: [null] }, /row 0: age missing/],
  ];
  for (const [what, tensor, says] of wrong) {
    it(`refuses ${what}`, async () => {
      assert.match(await errorOf(withTensor(tensor)), says);
    });
  }

  it('refuses a needed input that is left out, a repeated one, and outputs that there are not', async () => {
    const all = tensors([patient]);
    const without = all.filter(({ name }) => name !== 'age');
    assert.match(await errorOf(site.post(infer, { inputs: without })), /age missing/);
    assert.match(await errorOf(site.post(infer, { inputs: [...all, ...all] })), /given twice/);
    assert.match(await errorOf(ask([patient], { outputs: [{ name: 'x' }] })), /outputs\[0\]/);
    const twice = [{ name: 'model' }, { name: 'model' }];
    assert.match(await errorOf(ask([patient], { outputs: twice })), /twice/);
  });

  it('takes 4096 rows at once', async () => {
    const patients = Array.from({ length: 4096 }, (_, at) => vectors[at % 50]?.input ?? {});
    assert.equal((await columns(ask(patients)))['10yr_ascvd']?.length, 4096);
  });

  it('others have the event loop while many rows are judged, also where none is computed', async () => {
    const young = Array.from({ length: 4096 }, () => ({ ...patient, age: 1 }));
    const inputs = tensors(young).map(({ name, datatype, shape, data }) => ({
      ...{ name, shape },
      ...contentsOfJson(datatypeOf(datatype, name), shape, data, name),
    }));
    let others = 0;
    const turn = setInterval(() => {
      others += 1;
    });
    const asked = served.plane().infer({ model: 'prevent', allowAbstention: true, inputs });
    const { outputs } = await asked.finally(() => clearInterval(turn));
    assert.ok(others >= 2, `${others}`);
    const abstained = outputs.find(({ name }) => name === 'prevent_abstained');
    assert.deepEqual(abstained?.data, new Uint8Array(4096).fill(1));
  });

  it('nobody is judged for a caller that has gone', async () => {
    const inputs = tensors([patient]).map(({ name, datatype, shape, data }) => ({
      ...{ name, shape },
      ...contentsOfJson(datatypeOf(datatype, name), shape, data, name),
    }));
    const asked = served.plane().infer({ model: 'prevent', inputs }, { signal: AbortSignal.abort() });
    await assert.rejects(asked, { code: 'deadline-passed' });
  });

  it('a body that says it has 100 MB is refused before it is sent', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': 100 * 1024 * 1024 };
      const call = httpRequest(`${site.url}${infer}`, { method: 'POST', headers }, (answer) => {
        assert.equal(answer.headers.connection, 'close');
        resolve(answer.statusCode);
        call.destroy();
      });
      call.on('error', reject);
      call.write('{');
    });
    assert.equal(status, 413);
  });

  it('one that does not say is refused as soon as it is too large', async () => {
    const small = await served.listen({ limits: { bodyBytes: 1000, deadlineMs: 1000 } });
    let sent = 0;
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const call = httpRequest(`${small.url}${infer}`, { method: 'POST', headers }, (answer) => {
        resolve(answer.statusCode);
        clearInterval(dripping);
        call.destroy();
      });
      call.on('error', reject);
      const dripping = setInterval(() => {
        sent += 400;
        call.write(' '.repeat(400));
      }, 10);
    });
    assert.equal(status, 413);
    assert.ok(sent < 10_000, `${sent}`);
    await small.close();
  });

  it('a content encoding is refused, and a full house says when to come back', async () => {
    const zipped = await site.post(infer, {}, { 'content-encoding': 'gzip' });
    assert.equal(zipped.status, 415);
    const { createGate } = await import('../../src/ops/gate.ts');
    const full = await served.listen({ enter: createGate(0).enter });
    const refused = await full.post(infer, { inputs: tensors([patient]) });
    assert.deepEqual([refused.status, refused.header('retry-after')], [503, '1']);
    await full.close();
  });
});
