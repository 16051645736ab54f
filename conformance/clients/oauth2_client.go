// Debian's golang.org/x/oauth2 with its client credentials flow.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func must(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

func main() {
	tokenEndpoint, api, clientID, certFile, keyFile, caFile := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6]
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	must(err)
	ca, err := os.ReadFile(caFile)
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots}}}
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, client)
	config := clientcredentials.Config{ClientID: clientID, TokenURL: tokenEndpoint, AuthStyle: oauth2.AuthStyleInParams}
	token, err := config.Token(ctx)
	must(err)
	answer, err := config.Client(ctx).Get(api)
	must(err)
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"token_type": token.TokenType, "access_token": token.AccessToken, "status": answer.StatusCode}))
}
