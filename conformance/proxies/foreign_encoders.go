// Writes client certificates into header values with the means of the programs that do so for real: Go's own PEM, base64 and
// URL packages as Traefik uses them, and the replacements that Envoy makes. The file that is named has certificates as base64 of their DER,
// one a line, leaf first; values go out as JSON by the name of their preset.
package main

import (
	"bufio"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"os"
	"strings"
)

func main() {
	var certificates []*x509.Certificate
	file, err := os.Open(os.Args[1])
	check(err)
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		der, err := base64.StdEncoding.DecodeString(lines.Text())
		check(err)
		certificate, err := x509.ParseCertificate(der)
		check(err)
		certificates = append(certificates, certificate)
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]string{
		"traefik":    each(certificates, withoutMarkers),
		"traefik-v2": each(certificates, func(block string) string { return url.QueryEscape(withoutMarkers(block)) }),
		"envoy":      forwarded(certificates),
		"aws-alb":    safe.Replace(strings.ReplaceAll(url.QueryEscape(blocks(certificates)), "+", "%20")),
		"nginx":      strings.ReplaceAll(url.QueryEscape(blocks(certificates[:1])), "+", "%20"),
	}))
}

func each(certificates []*x509.Certificate, write func(block string) string) string {
	var values []string
	for _, certificate := range certificates {
		values = append(values, write(block(certificate)))
	}
	return strings.Join(values, ",")
}

func withoutMarkers(block string) string {
	return strings.NewReplacer("-----BEGIN CERTIFICATE-----", "", "-----END CERTIFICATE-----", "", "\n", "").Replace(block)
}

// Names go out as Envoy takes them from the certificate: bare, and the subject in RFC 2253 with its own escapes.
func forwarded(certificates []*x509.Certificate) string {
	leaf := certificates[0]
	digest := sha256.Sum256(leaf.Raw)
	details := []string{
		"By=spiffe://mesh.example/gateway",
		"Hash=" + hex.EncodeToString(digest[:]),
		`Cert="` + envoy.Replace(block(leaf)) + `"`,
		`Chain="` + envoy.Replace(blocks(certificates)) + `"`,
		`Subject="` + leaf.Subject.String() + `"`,
	}
	for _, name := range leaf.URIs {
		details = append(details, "URI="+name.String())
	}
	for _, name := range leaf.DNSNames {
		details = append(details, "DNS="+name)
	}
	return strings.Join(details, ";")
}

var envoy = strings.NewReplacer("\n", "%0A", " ", "%20", "+", "%2B", "/", "%2F", "=", "%3D")

// What AWS leaves as it is.
var safe = strings.NewReplacer("%2B", "+", "%2F", "/", "%3D", "=")

func blocks(certificates []*x509.Certificate) string {
	text := ""
	for _, certificate := range certificates {
		text += block(certificate)
	}
	return text
}

func block(certificate *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
