/** An inference as it comes over HTTP and goes back: read within its limits, written in parts. */
import type { Request, Response } from 'express';
import { Fault } from '../errors.ts';
import { createCourtesy } from './courtesy.ts';
import { bytesOfRequest } from './request-bytes.ts';
import { jsonLengthHeader, jsonLengthOf, type RestAnswer, readInference } from './rest-body.ts';
import { inTurns } from './steps.ts';

export interface ServingLimits {
  /** Bytes of the largest body. */
  readonly bodyBytes: number;
  /** Bytes of the largest JSON; as much as a body without it. */
  readonly jsonBytes?: number;
  /** For one whole answer. */
  readonly deadlineMs: number;
}

/** @throws Fault too-large, malformed-json, unsafe-json; Refusal malformed-inference */
export async function inferenceIn(req: Request, { bodyBytes, jsonBytes = bodyBytes }: ServingLimits) {
  const jsonLength = req.get(jsonLengthHeader);
  if (jsonLengthOf(jsonLength) > jsonBytes) throw new Fault('too-large');
  const most = jsonLength === undefined ? jsonBytes : bodyBytes;
  const bytes = await bytesOfRequest(req, most, jsonLengthOf(jsonLength));
  return await inTurns(readInference(bytes, jsonLength), createCourtesy());
}

/** Without Express, which would put the parts together and hash the whole for an ETag. */
export function sendParts(res: Response, { head, tail }: RestAnswer): void {
  const size = lengthOf(head);
  res.writeHead(200, {
    ...(tail.length === 0
      ? { 'content-type': 'application/json; charset=utf-8' }
      : { 'content-type': 'application/octet-stream', [jsonLengthHeader]: size }),
    'content-length': size + lengthOf(tail),
  });
  for (const part of [...head, ...tail]) res.write(part);
  res.end();
}

const lengthOf = (parts: readonly Buffer[]): number => parts.reduce((sum, { length }) => sum + length, 0);
