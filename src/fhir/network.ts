import { lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';

const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16);
linkLocal.addSubnet('fe80::', 10, 'ipv6');
// Cloud metadata services outside the link-local ranges.
linkLocal.addAddress('fd00:ec2::254', 'ipv6');
linkLocal.addAddress('100.100.100.200');
linkLocal.addAddress('168.63.129.16');

const internal = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  internal.addSubnet(net, bits);
}
for (const [net, bits] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['ff00::', 8],
] as const) {
  internal.addSubnet(net, bits, 'ipv6');
}

/**
 * May a connection go to this IP address? Metadata and link-local addresses: never. Loopback, private and
 * reserved ones: only for a registration that says so (an EHR on the site's own network).
 */
export function mayConnect(address: string, allowPrivateNetwork: boolean): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || linkLocal.check(address, family)) return false;
  return allowPrivateNetwork || !internal.check(address, family);
}

/**
 * May this host be asked? A host that is an address is judged here, because undici skips `lookup` for those;
 * a name is judged when it is resolved.
 */
export function mayAskHost(url: URL, allowPrivateNetwork: boolean): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 || mayConnect(host, allowPrivateNetwork);
}

const agents = new Map<boolean, Dispatcher>();

/** Pooled connections that only go where `mayConnect` allows, judged on the resolved address itself. */
export function guardedAgent(allowPrivateNetwork: boolean): Dispatcher {
  const known = agents.get(allowPrivateNetwork);
  if (known !== undefined) return known;
  const agent = new Agent({ connect: { lookup: guardedLookup(allowPrivateNetwork) }, connections: 32 });
  agents.set(allowPrivateNetwork, agent);
  return agent;
}

/** @internal exported for its test */
export function guardedLookup(allowPrivateNetwork: boolean, resolve = resolveName): LookupFunction {
  return (hostname, options, answer) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) return answer(error ?? new Error('no address'), '', 0);
      if (!addresses.every(({ address }) => mayConnect(address, allowPrivateNetwork))) {
        return answer(new Error('address not allowed'), '', 0);
      }
      return options.all === true ? answer(null, addresses) : answer(null, first.address, first.family);
    });
  };
}
