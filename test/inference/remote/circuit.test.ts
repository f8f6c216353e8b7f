import assert from 'node:assert/strict';
import { createCircuit } from '../../../src/inference/remote/circuit.ts';

const times = (count: number, what: () => void): void => {
  for (let at = 0; at < count; at++) what();
};

describe('the circuit of an endpoint', () => {
  let clock = 0;
  const circuit = (random = 0.5) => {
    const made = createCircuit({
      failures: 3,
      share: 0.5,
      attempts: 10,
      pauseMs: 100,
      now: () => clock,
      random: () => random,
    });
    assert.ok(made.mayProbe());
    made.proven();
    return made;
  };
  beforeEach(() => {
    clock = 0;
  });

  it('begins open and due: an endpoint proves itself first', () => {
    const fresh = createCircuit();
    assert.equal(fresh.state, 'open');
    assert.ok(fresh.mayProbe());
    assert.equal(fresh.state, 'half-open');
  });

  it('opens after failures in a row; an answer between them breaks the row', () => {
    const one = circuit();
    times(2, one.failed);
    one.answered();
    times(2, one.failed);
    assert.equal(one.state, 'closed');
    one.failed();
    assert.equal(one.state, 'open');
  });

  it('opens when half of the last attempts failed', () => {
    const one = circuit();
    times(4, () => {
      one.failed();
      one.answered();
    });
    assert.equal(one.state, 'closed');
    one.answered();
    assert.equal(one.state, 'closed');
    one.failed();
    assert.equal(one.state, 'open');
  });

  it('lets one probe through after the pause, which closes it or opens it again', () => {
    const one = circuit();
    times(3, one.failed);
    assert.ok(!one.mayProbe());
    clock = 100;
    assert.ok(one.mayProbe());
    assert.ok(!one.mayProbe());
    one.unproven();
    assert.equal(one.state, 'open');
    assert.ok(!one.mayProbe());
    clock = 200;
    assert.ok(one.mayProbe());
    one.proven();
    assert.equal(one.state, 'closed');
    one.failed();
    assert.equal(one.state, 'closed');
  });

  it('answers that were under way when it opened do not close it', () => {
    const one = circuit();
    times(3, one.failed);
    one.answered();
    assert.equal(one.state, 'open');
  });

  for (const [random, pause] of [
    [0, 50],
    [0.999, 149],
  ] as const) {
    it(`pauses between a half and one and a half: ${pause} ms`, () => {
      const one = circuit(random);
      times(3, one.failed);
      clock = pause - 1;
      assert.ok(!one.mayProbe());
      clock = pause + 1;
      assert.ok(one.mayProbe());
    });
  }
});
