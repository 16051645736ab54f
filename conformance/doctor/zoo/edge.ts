import type { Animal } from '../animal.ts'

/** What people get wrong with `holdfast edge`. */
export const edgeFaults: readonly Animal[] = [
  {
    name: 'the role of the certificate host for people, too: the picker',
    base: 'edge',
    changes: [
      { from: 'role: main', to: 'role: mtls' },
      { from: 'without-server-name: main', to: 'without-server-name: refuse' },
    ],
    causes: ['picker_on_main_host'],
    says: /role: main/,
  },
  {
    name: 'the role for people for both',
    base: 'edge',
    changes: [{ from: 'role: mtls, header: rfc9440', to: 'role: main' }],
    causes: ['certificate_not_asked'],
  },
  {
    name: 'another header than the server reads',
    base: 'edge',
    changes: [{ from: 'header: rfc9440', to: 'header: nginx' }],
    causes: ['certificate_header_dropped'],
    says: /header: rfc9440/,
  },
  {
    name: 'the upstreams of the two hosts the other way round',
    base: 'edge',
    changes: [
      { from: 'run/main.sock', to: 'run/swap.sock' },
      { from: 'run/rfc9440.sock', to: 'run/main.sock' },
      { from: 'run/swap.sock', to: 'run/rfc9440.sock' },
    ],
    causes: ['host_not_served'],
  },
  {
    name: 'an upstream where nobody is',
    base: 'edge',
    changes: [{ from: 'run/rfc9440.sock', to: 'run/nobody.sock' }],
    causes: ['server_not_reached'],
  },
]
