"""Debian's python3-authlib, as its documentation has it: the certificate sits on the session."""
import json, sys
from authlib.integrations.requests_client import OAuth2Session

token_endpoint, api, client_id, cert, key, ca = sys.argv[1:7]
session = OAuth2Session(client_id, token_endpoint_auth_method="none")
session.cert = (cert, key)
session.verify = ca
session.trust_env = False
token = session.fetch_token(token_endpoint, grant_type="client_credentials")
answer = session.get(api)
print(json.dumps({"token_type": token["token_type"], "access_token": token["access_token"], "status": answer.status_code}))
