/** Who is asked once more, until when, and who is left alone. */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { answer, type Bend } from './oip-server.ts';
import { oneRemote, saying, unavailable } from './one-remote.ts';

describe('a remote model', () => {
  const { open, ready, runner, servers, server, sums, asked } = oneRemote();

  describe('of which one endpoint brings no answer is asked once more, elsewhere', () => {
    const broken: Readonly<Record<string, Bend>> = {
      'status 500': saying({ error: 'x' }, 500),
      'status 503': saying({ error: 'x' }, 503),
      'a reset': (request) => request.socket.resetAndDestroy(),
      'a reset in the middle of the body': (request, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write('{"outputs"');
        setTimeout(() => request.socket.resetAndDestroy(), 20);
      },
      'an end in the middle of the body': (_, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write('{"outputs"');
        setTimeout(() => response.socket?.end(), 20);
      },
    };
    for (const [what, bend] of Object.entries(broken)) {
      it(what, async () => {
        await ready();
        server(0).bend(bend);
        for (let at = 0; at < 4; at++) assert.deepEqual(await sums(), [3]);
        assert.deepEqual(asked(), [2, 4]);
        assert.equal(runner().stats().retries, 2);
      });
    }

    it('but not a third time', async () => {
      await ready({}, {}, [{}, {}, {}]);
      for (const each of servers()) each.bend(saying({}, 500));
      await assert.rejects(sums(), unavailable);
      assert.equal(
        asked().reduce((sum, each) => sum + each),
        2,
      );
    });
  });

  describe('keeps the deadline', () => {
    const hanging: Readonly<Record<string, Bend>> = {
      'of a server that hangs': () => undefined,
      'of one that hangs in the middle of the body': (_, response) =>
        void response.writeHead(200, { 'content-length': 1000 }).write('{'),
      'of one that drips': (_, response) => {
        response.writeHead(200, { 'content-length': 100_000 });
        const dripping = setInterval(() => response.write(' '), 5);
        response.once('close', () => clearInterval(dripping));
      },
    };
    for (const [what, bend] of Object.entries(hanging)) {
      it(`${what}, and leaves`, async () => {
        await ready();
        for (const each of servers()) each.bend(bend);
        const late = { code: 'deadline-passed', details: ['sum'] };
        await assert.rejects(sums(1, { endsAt: performance.now() + 80 }), late);
        const [question] = servers().flatMap(({ inferred }) => inferred);
        assert.equal(await question?.left, true);
      });
    }

    it('leaves when the caller does', async () => {
      await ready();
      for (const each of servers()) each.bend(() => undefined);
      const leaving = new AbortController();
      const running = assert.rejects(sums(1, { signal: leaving.signal }), { code: 'deadline-passed' });
      await wait(30);
      leaving.abort();
      await running;
      assert.equal(await servers().flatMap(({ inferred }) => inferred)[0]?.left, true);
      assert.equal(
        runner()
          .stats()
          .endpoints.every(({ failed }) => failed === 0),
        true,
      );
    });

    it('asks nobody where it has passed already', async () => {
      await ready();
      await assert.rejects(sums(1, { endsAt: performance.now() - 1 }), { code: 'deadline-passed' });
      await assert.rejects(sums(1, { signal: AbortSignal.abort() }), { code: 'deadline-passed' });
      assert.deepEqual(asked(), [0, 0]);
    });

    it('without one it waits for timeoutMs, and then the model is unavailable', async () => {
      await ready({}, { timeoutMs: 50 });
      for (const each of servers()) each.bend(() => undefined);
      await assert.rejects(sums(), unavailable);
    });
  });

  describe('hedges', () => {
    const slowly: Bend = (request, response, body) =>
      void setTimeout(() => answer(request, response, body), 400).unref();

    it('asks another endpoint when the first is later than usual, takes its answer, and leaves the first', async () => {
      await ready({ hedgeShare: 0.5 });
      for (let at = 0; at < 60; at++) await sums();
      server(0).bend(slowly);
      const [slow] = asked();
      for (let at = 0; at < 2; at++) assert.deepEqual(await sums(), [3]);
      assert.equal(server(0).inferred.length, (slow ?? 0) + 1);
      assert.equal(await server(0).inferred.at(-1)?.left, true);
      const { hedges, hedgesWon, endpoints } = runner().stats();
      assert.ok(hedges >= 1 && hedgesWon >= 1);
      assert.equal(endpoints[0]?.failed, 0);
    });

    it('never adds more than its share', async () => {
      await ready({ hedgeShare: 0.02 });
      for (let at = 0; at < 30; at++) await sums();
      const late: Bend = (request, response, body) =>
        void setTimeout(() => answer(request, response, body), 5);
      for (const each of servers()) each.bend(late);
      await Promise.all(Array.from({ length: 170 }, () => sums()));
      const { runs, hedges } = runner().stats();
      assert.ok(hedges <= runs * 0.02, `${hedges} of ${runs}`);
      const all = (asked()[0] ?? 0) + (asked()[1] ?? 0);
      assert.ok(all >= runs && all <= runs + hedges, `${all} of ${runs} and ${hedges}`);
    });
  });

  describe('is up', () => {
    const isUp = (): boolean => runner().isUp();
    const everyPath = { all: 0 };
    const down: Bend = (_, response) => {
      everyPath.all++;
      response.writeHead(500).end();
    };
    const closes = async (): Promise<void> => {
      for (const each of servers()) each.bend(down, true);
      for (let at = 0; at < 3; at++) await assert.rejects(sums(), unavailable);
    };

    it('not before it was verified', async () => {
      await open();
      await Promise.all(servers().map((each) => each.close()));
      await assert.rejects(runner().load('sum', new Uint8Array()), unavailable);
      assert.equal(isUp(), false);
    });

    it('while an endpoint is in order', async () => {
      await ready();
      assert.equal(isUp(), true);
      server(0).bend(down, true);
      for (let at = 0; at < 8; at++) await sums();
      assert.equal(isUp(), true);
      await closes();
      assert.equal(isUp(), false);
    });

    it('comes back when asked whether it is, though nobody asks it anything', async () => {
      await ready();
      await closes();
      for (const each of servers()) each.bend(undefined);
      for (let at = 0; at < 200 && !isUp(); at++) await wait(5);
      assert.equal(isUp(), true);
      assert.deepEqual(await sums(), [3]);
    });

    it('whoever asks: no endpoint hears of it more than once in a pause', async () => {
      await ready({ circuit: { failures: 3, pauseMs: 60_000 } });
      await closes();
      everyPath.all = 0;
      for (let at = 0; at < 1000; at++) assert.equal(isUp(), false);
      await wait(50);
      assert.equal(everyPath.all, 0);
    });

    it('no more when it is closed', async () => {
      await ready();
      await runner().close();
      assert.equal(isUp(), false);
    });
  });

  describe('leaves an endpoint alone that fails', () => {
    it('opens, says at once that the model is unavailable while all are open, and comes back by itself', async () => {
      await ready();
      for (const each of servers()) each.bend(saying({}, 500), true);
      for (let at = 0; at < 3; at++) await assert.rejects(sums(), unavailable);
      assert.deepEqual(
        runner()
          .stats()
          .endpoints.map(({ state }) => state),
        ['open', 'open'],
      );
      const before = asked();
      await assert.rejects(sums(), unavailable);
      assert.deepEqual(asked(), before);
      for (const each of servers()) each.bend(undefined);
      await wait(120);
      assert.deepEqual(await sums(), [3]);
      while (
        runner()
          .stats()
          .endpoints.some(({ state }) => state !== 'closed')
      )
        await wait(5);
    });

    it('one that hangs opens, though every caller left before its time-out', async () => {
      await ready({ hedgeShare: 0 });
      server(0).bend(() => undefined, true);
      for (let at = 0; at < 8; at++) await sums(1, { endsAt: performance.now() + 40 }).catch(() => {});
      assert.notEqual(runner().stats().endpoints[0]?.state, 'closed');
      for (let at = 0; at < 10; at++)
        assert.deepEqual(await sums(1, { endsAt: performance.now() + 500 }), [3]);
    });

    it('a probe that hangs holds nobody longer than their deadline', async () => {
      await ready({}, {}, [{}]);
      server(0).bend(saying({}, 500), true);
      for (let at = 0; at < 3; at++) await assert.rejects(sums(), unavailable);
      server(0).bend(() => undefined, true);
      await wait(100);
      const prober = assert.rejects(sums(1, { endsAt: performance.now() + 50 }), { code: 'deadline-passed' });
      await assert.rejects(sums(), unavailable);
      await prober;
    });

    it('questions that it does not take say nothing against it', async () => {
      await ready();
      for (const each of servers()) each.bend(saying({}, 400));
      for (let at = 0; at < 20; at++) await assert.rejects(sums(), unavailable);
      assert.deepEqual(
        runner()
          .stats()
          .endpoints.map(({ state }) => state),
        ['closed', 'closed'],
      );
    });

    it('connections that nobody accepts: the other answers', async () => {
      await ready();
      await server(1).close();
      for (let at = 0; at < 10; at++) assert.deepEqual(await sums(), [3]);
      assert.equal(runner().stats().endpoints[1]?.lastFailure, 'unreachable');
    });
  });
});
