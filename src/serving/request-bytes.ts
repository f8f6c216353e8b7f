import type { IncomingMessage } from 'node:http';
import { Fault } from '../errors.ts';

/**
 * The body of a request. One that says it is too large is refused before it is read, another as soon as it is; what is
 * left of it is not waited for: the caller answers and closes the connection.
 * @param limit bytes
 * @param head bytes before the first tensor, which then lies in memory where elements of every width may
 * @throws Fault too-large, unsupported-media-type (any content encoding), malformed-json (it broke off)
 */
export function bytesOfRequest(req: IncomingMessage, limit: number, head = 0): Promise<Buffer> {
  if ((req.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
    throw new Fault('unsupported-media-type');
  if (Number(req.headers['content-length'] ?? 0) > limit) throw new Fault('too-large');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    req.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) return void chunks.push(chunk);
      req.pause().removeAllListeners('data');
      reject(new Fault('too-large'));
    });
    req.once('end', () => resolve(joined(chunks, length, head)));
    const brokenOff = (): void => {
      if (!req.readableEnded) reject(new Fault('malformed-json'));
    };
    req.once('close', brokenOff).once('error', brokenOff);
  });
}

/** Bytes of the widest element. */
const widest = 8;

function joined(chunks: readonly Buffer[], length: number, head: number): Buffer {
  const before = (widest - (head % widest)) % widest;
  const whole = Buffer.allocUnsafe(before + length).subarray(before);
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(whole, at);
  return whole;
}
