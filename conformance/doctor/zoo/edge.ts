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
]
