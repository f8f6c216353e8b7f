/** What comes back from a server is believed as far as it is what was asked for. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { Fault } from '../../../src/errors.ts';
import type { Bend } from './oip-server.ts';
import { oneRemote, saying, unavailable } from './one-remote.ts';

describe('a remote model', () => {
  const { ready, servers, sums, asked } = oneRemote();

  const ended =
    (bytes: string): Bend =>
    (_, response) =>
      void response.socket?.end(bytes);
  const output = { name: 'sum', datatype: 'FP32', shape: [1], data: [3] };
  const outputs = (change: object) => saying({ outputs: [{ ...output, ...change }] });

  describe('that answers wrongly is unavailable, and nobody else is asked', () => {
    const wrong: Readonly<Record<string, Bend>> = {
      'no JSON': ended('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{"out'),
      'JSON that is no answer': saying({ outputs: 'none' }),
      'another output': outputs({ name: 'other' }),
      'another datatype': outputs({ datatype: 'FP64' }),
      'an unknown datatype': outputs({ datatype: 'FP8' }),
      'more rows': outputs({ shape: [2], data: [3, 3] }),
      'another rank': outputs({ shape: [1, 1] }),
      'fewer elements than its shape': outputs({ data: [] }),
      'an element that is null': outputs({ data: [null] }),
      'a shape that no memory holds': outputs({ shape: [1, 2 ** 40] }),
      'bytes that are not there': outputs({ data: undefined, parameters: { binary_data_size: 4 } }),
      'no HTTP': ended('+OK\r\n\r\n'),
      'a redirect': (_, response) => void response.writeHead(307, { location: '/elsewhere' }).end(),
      'an encoded body': (_, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
      'no content': (_, response) => void response.writeHead(204).end(),
      'more bytes than allowed, as it says': (_, response) =>
        void response.writeHead(200, { 'content-length': 10_000_000 }).write('x'),
      'more bytes than allowed, without an end': (_, response) => endless(response),
    };
    for (const [what, bend] of Object.entries(wrong)) {
      it(what, async () => {
        await ready({ maxAnswerBytes: 100_000 });
        for (const each of servers()) each.bend(bend);
        await assert.rejects(sums(), unavailable);
        assert.equal(asked()[0], 1 - (asked()[1] ?? 0));
        for (const each of servers()) each.bend(undefined);
        assert.deepEqual(await sums(), [3]);
      });
    }
  });

  for (const status of [400, 401, 404, 413, 429]) {
    it(`status ${status} is never asked again`, async () => {
      await ready();
      for (const each of servers()) each.bend(saying({ error: 'secret' }, status));
      await assert.rejects(sums(), (thrown: Fault) => {
        assert.equal(thrown.code, 'model-unavailable');
        assert.doesNotMatch(`${thrown.message} ${thrown.details} ${thrown.cause}`, /secret/);
        return true;
      });
      assert.equal((asked()[0] ?? 0) + (asked()[1] ?? 0), 1);
    });
  }
});

function endless(response: ServerResponse): void {
  response.writeHead(200);
  const more = (): void =>
    void (response.destroyed || response.write('x'.repeat(65_536), () => setImmediate(more)));
  more();
}
