import { directive, type NginxNode } from '../syntax/nginx-syntax.ts'

/**
 * Makes room for long names, which nginx refuses to start with otherwise.
 *
 * Said only where a name is that long: nginx takes each of these directives once, and the operator may have said them.
 */
export function nginxNameRoom(names: readonly string[], directives: readonly string[]): readonly NginxNode[] {
  const longest = Math.max(...names.map((name) => name.length))
  return longest <= fits ? [] : directives.map((name) => directive(name, longest <= 2 * fits ? '128' : '512'))
}

/** What fits into a bucket of 64 octets beside two pointers and a length. */
const fits = 40
