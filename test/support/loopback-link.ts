import type { Link } from '../../src/discovery/link.ts';

/** The link on which a machine reaches nobody but itself. */
export const loopback: Link = {
  name: 'lo',
  zone: 'lo',
  mac: '00:00:00:00:00:00',
  index: 1,
  addresses: [{ address: '127.0.0.1', family: 'ipv4', prefix: 8 }],
};
