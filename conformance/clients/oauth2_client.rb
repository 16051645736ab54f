# Debian's ruby-oauth2, which knows :tls_client_auth by itself.
require 'oauth2'
require 'openssl'
require 'json'

site, token_path, api, client_id, cert, key, ca = ARGV
ssl = {
  client_cert: OpenSSL::X509::Certificate.new(File.read(cert)),
  client_key: OpenSSL::PKey.read(File.read(key)),
  ca_file: ca, verify: true
}
client = OAuth2::Client.new(client_id, nil, site: site, token_url: token_path, auth_scheme: :tls_client_auth, connection_opts: { ssl: ssl })
token = client.client_credentials.get_token
answer = token.get(api)
puts JSON.generate({ token_type: token.params['token_type'] || 'bearer', access_token: token.token, status: answer.status })
