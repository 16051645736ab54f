import { InvalidArgumentError } from 'commander'

/** Reads an address of the web on the command line. */
export function httpUri(text: string): string {
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('it is a URI such as http://ca.example/crl')
  }
  return text
}
