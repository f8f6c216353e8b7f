/**
 * Preloaded (`--import`) into every JavaScript process of a run under test: notes where it connects and which names
 * it resolves, one line each, in the file that EGRESS_NOTES names.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const note = (what: string): void => {
  const file = process.env.EGRESS_NOTES;
  if (file !== undefined) appendFileSync(file, `${what}\n`);
};

/** `connect` takes a port and a host, a path, options, or all of that already in an array. */
function destination(args: readonly unknown[]): string {
  const [first, second] = args.flat() as unknown[];
  if (typeof first === 'object' && first !== null) {
    const { host = 'localhost', port, path } = first as { host?: string; port?: unknown; path?: string };
    return port === undefined || port === null ? `path ${path}` : String(host);
  }
  return typeof first === 'string' && !/^\d+$/.test(first)
    ? `path ${first}`
    : String(typeof second === 'string' ? second : 'localhost');
}

/** Puts a note before a function of a built-in module; whatever imports it later gets the noting one. */
function witness(owner: object, name: string, what: (args: readonly unknown[]) => string): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') return;
  Reflect.set(owner, name, function (this: unknown, ...args: unknown[]): unknown {
    note(what(args));
    return Reflect.apply(original, this, args);
  });
}

witness(net.Socket.prototype, 'connect', (args) => `connect ${destination(args)}`);
for (const name of ['send', 'connect']) {
  witness(
    dgram.Socket.prototype,
    name,
    (args) => `datagram ${args.findLast((arg) => typeof arg === 'string')}`,
  );
}
for (const owner of [dns, dns.promises]) {
  for (const name of [
    'lookup',
    'resolve',
    'resolve4',
    'resolve6',
    'resolveAny',
    'resolveTxt',
    'resolveSrv',
  ]) {
    witness(owner, name, ([host]) => `lookup ${String(host)}`);
  }
}
syncBuiltinESMExports();
note('loaded');
