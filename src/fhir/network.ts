import { lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Link-local addresses, cloud metadata services outside them, and tunnels that hide an IPv4 address. */
const isNever = subnets(
  ['169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32'],
  ['fe80::/10', 'fec0::/10', 'fd00:ec2::254/128', 'fd20:ce::254/128', 'fd00:42::42/128'],
  ['2002::/16', '2001::/32', '64:ff9b:1::/48', '::ffff:0:0:0/96'],
);

/** Loopback, private, shared, reserved and multicast addresses (IANA special-purpose registries). */
const isInternal = subnets(
  [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
  ],
  ['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
  // Of IPv6 only 2000::/3 is global unicast.
  ['::/3', '4000::/2', '8000::/1', '2001:db8::/32'],
);

/** Does an address lie in one of these subnets? IPv4 and IPv6 apart: a BlockList finds `::ffff:a.b.c.d` in `::/3`. */
function subnets(...texts: readonly (readonly string[])[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const text of texts.flat()) {
    const [net = '', bits] = text.split('/');
    lists[familyOf(net)].addSubnet(net, Number(bits), familyOf(net));
  }
  return (address) => lists[familyOf(address)].check(address, familyOf(address));
}

/**
 * May a connection go to this IP address? Metadata and link-local addresses: never. Loopback, private and
 * reserved ones: only for a registration that says so (an EHR on the site's own network). An IPv4 address
 * inside an IPv6 one (mapped, compatible, NAT64) is judged as what it is.
 */
export function mayConnect(address: string, allowPrivateNetwork: boolean): boolean {
  const inner = ipv4Within(address);
  if (inner !== undefined) return mayConnect(inner, allowPrivateNetwork);
  if (isIP(address) === 0 || address.includes('%') || isNever(address)) return false;
  return allowPrivateNetwork || !isInternal(address);
}

/** `::ffff:a.b.c.d`, `::a.b.c.d` and `64:ff9b::a.b.c.d` in any spelling; `::` and `::1` hide none. */
function ipv4Within(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const plain = URL.parse(`http://[${address}]/`)?.hostname ?? '';
  const found = /^\[(?:64:ff9b)?::(?:ffff:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(plain);
  if (found === null) return undefined;
  const [high, low] = [Number.parseInt(found[1] ?? '', 16), Number.parseInt(found[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * May this host be asked? A host that is an address is judged here, because undici skips `lookup` for those;
 * a name is judged when it is resolved.
 */
export function mayAskHost(url: URL, allowPrivateNetwork: boolean): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 || mayConnect(host, allowPrivateNetwork);
}

/** A name resolved to an address that may not be connected to. */
export class AddressNotAllowed extends Error {}

/** A connection that is not open by then is given up: no socket waits for a host that does not answer. */
const connectTimeoutMs = 2_000;

const agents = new Map<boolean, Dispatcher>();

/**
 * Pooled HTTP/1.1 connections, at most 32 to one origin, that only go where `mayConnect` allows, judged on the
 * very address that is connected to.
 */
export function guardedAgent(allowPrivateNetwork: boolean): Dispatcher {
  const known = agents.get(allowPrivateNetwork);
  if (known !== undefined) return known;
  const lookup = guardedLookup(allowPrivateNetwork);
  const agent = new Agent({
    connect: { lookup, timeout: connectTimeoutMs },
    connections: 32,
    allowH2: false,
  });
  agents.set(allowPrivateNetwork, agent);
  return agent;
}

/** @internal exported for its test */
export function guardedLookup(allowPrivateNetwork: boolean, resolve?: typeof resolveName): LookupFunction {
  return (hostname, options, answer) => {
    (resolve ?? resolveName)(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) return answer(error ?? new Error('no address'), '', 0);
      if (!addresses.every(({ address }) => mayConnect(address, allowPrivateNetwork))) {
        return answer(new AddressNotAllowed(), '', 0);
      }
      return options.all === true ? answer(null, addresses) : answer(null, first.address, first.family);
    });
  };
}
