import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createCircuit } from '../../src/fhir/circuit.ts';

const at = 'https://ehr.example';

describe('circuit', () => {
  let time = 0;
  const circuit = () => createCircuit({ failures: 3, windowMs: 100, pauseMs: 50, now: () => time });
  const open = () => {
    const it = circuit();
    for (const caller of [{}, {}, {}]) it.failed(at, caller);
    return it;
  };
  beforeEach(() => {
    time = 0;
  });

  it('F24: opens when three calls in a row had no answer, for that origin alone', () => {
    const it = circuit();
    for (const caller of [{}, {}]) it.failed(at, caller);
    assert.equal(it.mayAsk(at, {}), true);
    it.failed(at, {});
    assert.equal(it.mayAsk(at, {}), false);
    assert.equal(it.mayAsk('https://other.example', {}), true);
  });

  it('F24: many lists of one call count once', () => {
    const it = circuit();
    const caller = {};
    for (let list = 0; list < 20; list++) it.failed(at, caller);
    assert.equal(it.mayAsk(at, {}), true);
  });

  it('F24: an answer between starts the count again', () => {
    const it = circuit();
    for (const caller of [{}, {}]) it.failed(at, caller);
    it.answered(at);
    for (const caller of [{}, {}]) it.failed(at, caller);
    assert.equal(it.mayAsk(at, {}), true);
  });

  it('F24: failures that lie far apart do not add up', () => {
    const it = circuit();
    for (const caller of [{}, {}, {}, {}]) {
      it.failed(at, caller);
      time += 60;
    }
    assert.equal(it.mayAsk(at, {}), true);
  });

  it('F24: after the pause one call may probe, the others wait', () => {
    const it = open();
    time = 49;
    assert.equal(it.mayAsk(at, {}), false);
    time = 50;
    const probe = {};
    assert.equal(it.mayAsk(at, probe), true);
    assert.equal(it.mayAsk(at, probe), true, 'all its lists');
    assert.equal(it.mayAsk(at, {}), false);
  });

  it('F24: a probe that is answered closes it, one that fails does not', () => {
    const it = open();
    time = 50;
    const failing = {};
    it.mayAsk(at, failing);
    it.failed(at, failing);
    assert.deepEqual([it.mayAsk(at, failing), it.mayAsk(at, {})], [false, false]);
    time = 100;
    it.mayAsk(at, {});
    it.answered(at);
    assert.equal(it.mayAsk(at, {}), true);
  });

  it('F24: a probe that never tells keeps nobody away for longer than a pause', () => {
    const it = open();
    time = 50;
    it.mayAsk(at, {});
    time = 100;
    assert.equal(it.mayAsk(at, {}), true);
  });

  it('F24: a late failure of an earlier call does not prolong the pause', () => {
    const it = open();
    time = 40;
    it.failed(at, {});
    time = 50;
    assert.equal(it.mayAsk(at, {}), true);
  });

  it('F24: whatever happens, nobody waits longer than a pause', () => {
    const event = fc.record({
      what: fc.constantFrom('ask', 'answered', 'failed'),
      caller: fc.nat(4),
      pause: fc.nat(30),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        time = 0;
        const it = circuit();
        const callers = Array.from({ length: 5 }, () => ({}));
        for (const { what, caller, pause } of events) {
          time += pause;
          const who = callers[caller] ?? {};
          if (what === 'answered') it.answered(at);
          else if (it.mayAsk(at, who) && what === 'failed') it.failed(at, who);
        }
        time += 50;
        return it.mayAsk(at, {});
      }),
    );
  });
});
