import { describe, expect, it } from 'vitest';
import { createAddressGuard } from '../../providers/address-guard.ts';

const byDefault = createAddressGuard();

describe('by default', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '100.100.100.200',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fd00:ec2::254',
    'FD00:0EC2:0:0:0:0:0:0254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '2002:a9fe:a9fe::1',
    '[fe80::1]',
  ])('%s is denied', (address) => {
    expect(() => byDefault.check(address)).toThrow('is not allowed by the outbound rules');
  });

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '192.168.1.1',
    '100.100.100.201',
    '8.8.8.8',
    '::1',
    'fd00:ec2::253',
    'fec0::1',
    '::ffff:10.0.0.1',
  ])('%s is allowed', (address) => {
    expect(() => byDefault.check(address)).not.toThrow();
  });
});

describe('rules', () => {
  it('let an allowed address through a denied range', () => {
    const guard = createAddressGuard({ allow: ['10.1.2.3', 'fd12::/16'], deny: ['0.0.0.0/0', '::/0'] });
    for (const allowed of ['10.1.2.3', '::ffff:10.1.2.3', 'fd12::7']) expect(() => guard.check(allowed)).not.toThrow();
    for (const denied of ['10.1.2.4', '::ffff:10.1.2.4', 'fd13::7']) expect(() => guard.check(denied)).toThrow();
  });

  it('that are no addresses are refused', () => {
    expect(() => createAddressGuard({ allow: [], deny: ['metadata.google.internal'] })).toThrow(
      'outbound rule "metadata.google.internal": not an address or range',
    );
  });
});
