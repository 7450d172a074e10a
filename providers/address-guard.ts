import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Which addresses providers may connect to. The decision is made on the address that a socket is about to use, after names are resolved, so that
 * neither a redirect nor a name that changes its address gets round it, and neither do other spellings of an address.
 */

export interface AddressRules {
  /** Addresses and ranges (`10.0.0.0/8`, `fd00::/8`, `192.0.2.7`) that are let through although a deny rule matches. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** Link-local addresses, and where clouds keep the credentials of their machines. */
export const DENIED_BY_DEFAULT: readonly string[] = ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254', '100.100.100.200'];

export interface AddressGuard {
  /** Throws AddressDenied. */
  check(address: string): void;
  /** For sockets: resolves as the system does and passes on only allowed addresses; fails with AddressDenied when none is left. */
  readonly lookup: LookupFunction;
}

export class AddressDenied extends Error {
  override readonly name = 'AddressDenied';
  readonly code = 'ERR_ADDRESS_DENIED';
  constructor(address: string) {
    super(`address ${address} is not allowed by the outbound rules (settings outbound.allow and outbound.deny)`);
  }
}

/** Throws Error for a rule that is neither an address nor a range. `resolve` is the system's unless a test brings its own. */
export function createAddressGuard(
  rules: AddressRules = { allow: [], deny: DENIED_BY_DEFAULT },
  resolve: typeof systemLookup = systemLookup,
): AddressGuard {
  const allow = blockList(rules.allow);
  const deny = blockList(rules.deny);

  const isAllowed = (address: string): boolean =>
    spellings(address).every((spelling) => !matches(deny, spelling) || matches(allow, spelling));
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => isAllowed(address));
      if (allowed[0] === undefined) return callback(new AddressDenied(addresses[0]?.address ?? hostname), []);
      if (options.all) callback(null, allowed);
      else callback(null, allowed[0].address, allowed[0].family);
    });
  };
  return {
    check(address) {
      if (!isAllowed(address)) throw new AddressDenied(address);
    },
    lookup,
  };
}

function blockList(rules: readonly string[]): BlockList {
  const list = new BlockList();
  for (const rule of rules) {
    const [address = '', prefix] = rule.split('/');
    const version = isIP(address);
    if (version === 0)
      throw new Error(`outbound rule ${JSON.stringify(rule)}: not an address or range (10.0.0.0/8, 192.0.2.7)`);
    const family = version === 4 ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

function matches(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

// IPv6 prefixes that carry an IPv4 address in their last 32 bits: mapped, compatible, NAT64; and 6to4, which carries it behind its first 16.
const CARRIERS = ['0:0:0:0:0:ffff', '0:0:0:0:0:0', '64:ff9b:0:0:0:0'];

/** The address without zone, and the IPv4 address that an IPv6 one stands for. */
function spellings(address: string): readonly string[] {
  const [bare = ''] = address.replace(/^\[|\]$/g, '').split('%');
  if (isIP(bare) !== 6) return [bare];
  const groups = ipv6Groups(bare);
  const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const prefix = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(':');
  if (CARRIERS.includes(prefix)) return [bare, dotted(groups[6] as number, groups[7] as number)];
  if (groups[0] === 0x2002) return [bare, dotted(groups[1] as number, groups[2] as number)];
  return [bare];
}

function ipv6Groups(address: string): readonly number[] {
  // The URL parser writes every form in one way: groups in hexadecimal, the longest run of zeros as `::`.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}
