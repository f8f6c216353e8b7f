import assert from 'node:assert/strict';
import { createLog, frameOf, type LogEvent } from '../../src/ops/log.ts';

const capture = (event: LogEvent): Record<string, unknown> => {
  const lines: string[] = [];
  createLog('info', { write: (line: string) => void lines.push(line) })(event);
  return JSON.parse(lines.join(''));
};

describe('log', () => {
  it('writes one JSON line with the fields of the closed list', () => {
    const line = capture({ event: 'hook-answered', service: 'cardiovascular-risk', outcome: 'show', ms: 12 });
    assert.equal(line.event, 'hook-answered');
    assert.equal(line.ms, 12);
  });

  it('drops every other field, whatever the type said', () => {
    const smuggled = {
      event: 'hook-answered',
      patientId: 'canary',
      url: '/Patient/canary',
    } as unknown as LogEvent;
    assert.doesNotMatch(JSON.stringify(capture(smuggled)), /canary/);
  });

  it('names where an internal fault came from, not what it said', () => {
    const frame = frameOf(new Error('canary'));
    assert.doesNotMatch(frame ?? '', /canary/);
  });
});
