import type { IncomingMessage } from 'node:http';
import { Fault } from '../errors.ts';

/**
 * The body of a request, put together as it comes. One that says it is too large is refused before it is read, another
 * as soon as it is; what is left of it is not waited for: the caller answers and closes the connection.
 * @param limit bytes
 * @param head bytes before the first tensor, which then lies in memory where elements of every width may
 * @throws Fault too-large, unsupported-media-type (any content encoding), malformed-json (it broke off)
 */
export function bytesOfRequest(req: IncomingMessage, limit: number, head = 0): Promise<Buffer> {
  if ((req.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
    throw new Fault('unsupported-media-type');
  const announced = Number(req.headers['content-length'] ?? 0);
  if (announced > limit) throw new Fault('too-large');
  const start = (widest - (head % widest)) % widest;
  return new Promise((resolve, reject) => {
    let held: Buffer = Buffer.allocUnsafe(start + announced);
    let end = start;
    req.on('data', (chunk: Buffer) => {
      if (end + chunk.length - start <= limit) {
        held = withRoom(held, end + chunk.length);
        end += chunk.copy(held, end);
        return;
      }
      req.pause().removeAllListeners('data');
      reject(new Fault('too-large'));
    });
    req.once('end', () => resolve(held.subarray(start, end)));
    const brokenOff = (): void => {
      if (!req.readableEnded) reject(new Fault('malformed-json'));
    };
    req.once('close', brokenOff).once('error', brokenOff);
  });
}

/** Bytes of the widest element. */
const widest = 8;

/** For a body that did not say how long it is. */
function withRoom(held: Buffer, length: number): Buffer {
  if (length <= held.length) return held;
  const more = Buffer.allocUnsafe(2 * length);
  held.copy(more);
  return more;
}
