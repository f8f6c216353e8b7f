/** Connections that nobody should have made. */
import { connect } from 'node:net';

/**
 * Goes to whatever address a text could mean, in any scheme, with the token if there is one. Resolves when the
 * other side has answered, or will not.
 */
export function go(address: string, token?: unknown): Promise<void> {
  const url = URL.parse(address.startsWith('//') ? `http:${address}` : address);
  if (url === null || url.hostname === '') return Promise.resolve();
  const name = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  // RFC 6761: names below localhost are loopback, whatever this machine's resolver thinks.
  const host = /\.localhost$/.test(name) ? '127.0.0.1' : name;
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(url.port || 80) });
    const bearer = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
    socket.write(
      `GET ${url.pathname || '/'} HTTP/1.1\r\nHost: ${url.host}\r\n${bearer}Connection: close\r\n\r\n`,
    );
    socket.setTimeout(500, () => socket.destroy());
    socket.on('error', () => {}).on('close', () => resolve());
    socket.resume();
  });
}

/** Everything in a text that looks like an address. */
export const addressesIn = (text: string): readonly string[] =>
  text.match(/(?:[a-z]+:)?\/\/[^\s"'<>;,\\]+/gi) ?? [];
