// Duende.IdentityModel, Duende.IdentityModel.OidcClient and Microsoft.IdentityModel, as their documentation has them.
// ISSUER TOKEN-ALIAS-OR-CODE CLIENT CERT KEY CA CONNECT [API]: what was got is printed as JSON. With `code`, the address for the
// browser is printed first, and the address that the browser came back to is read.
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Duende.IdentityModel.Client;
using Duende.IdentityModel.OidcClient;
using Duende.IdentityModel.OidcClient.Browser;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

var (issuer, what, clientId, certPath, keyPath, caPath, connect) = (args[0], args[1], args[2], args[3], args[4], args[5], args[6]);
using var certificate = X509Certificate2.CreateFromPemFile(certPath, keyPath);
var chain = new X509Certificate2Collection();
chain.ImportFromPemFile(certPath);
var anchors = new X509Certificate2Collection();
anchors.ImportFromPemFile(caPath);
using var http = new HttpClient(Handler());

var discovery = await http.GetDiscoveryDocumentAsync(issuer);
if (discovery.IsError) throw new Exception($"discovery: {discovery.Error}");
var aliases = discovery.MtlsEndpointAliases ?? throw new Exception("no aliases");

if (what == "client_credentials")
{
    var token = await http.RequestClientCredentialsTokenAsync(new ClientCredentialsTokenRequest
    {
        Address = aliases.TokenEndpoint,
        ClientId = clientId,
        ClientCredentialStyle = ClientCredentialStyle.PostBody,
    });
    if (token.IsError) throw new Exception($"token: {token.Error} {token.ErrorDescription}");
    http.SetBearerToken(token.AccessToken!);
    var answer = await http.GetAsync(args[7]);
    Print(new { token_type = token.TokenType, access_token = token.AccessToken, status = (int)answer.StatusCode });
    return;
}

var client = new OidcClient(new OidcClientOptions
{
    Authority = issuer,
    ClientId = clientId,
    RedirectUri = "https://client.test/cb",
    Scope = "openid profile orders:read offline_access",
    Browser = new Pipe(),
    BackchannelHandler = Handler(),
    RefreshTokenInnerHttpHandler = Handler(),
    TokenClientCredentialStyle = ClientCredentialStyle.PostBody,
    IdentityTokenValidator = new Validator(issuer, http),
    ProviderInformation = new ProviderInformation
    {
        IssuerName = discovery.Issuer!,
        AuthorizeEndpoint = discovery.AuthorizeEndpoint!,
        PushedAuthorizationRequestEndpoint = aliases.PushedAuthorizationRequestEndpoint,
        TokenEndpoint = aliases.TokenEndpoint!,
        UserInfoEndpoint = aliases.Json!.Value.TryGetString("userinfo_endpoint"),
        KeySet = discovery.KeySet!,
    },
});
var login = await client.LoginAsync(new LoginRequest());
if (login.IsError) throw new Exception($"login: {login.Error} {login.ErrorDescription}");
var refreshed = await client.RefreshTokenAsync(login.RefreshToken);
if (refreshed.IsError) throw new Exception($"refresh: {refreshed.Error} {refreshed.ErrorDescription}");
Print(new
{
    sub = login.User.FindFirst("sub")?.Value,
    name = login.User.FindFirst("name")?.Value,
    access_token = login.AccessToken,
    refreshed_token = refreshed.AccessToken,
});

static void Print(object what) => Console.WriteLine(JsonSerializer.Serialize(what));

/// Every name leads to the server under test; TLS asks for the name itself, and trusts the one CA.
SocketsHttpHandler Handler() => new()
{
    AllowAutoRedirect = false,
    ConnectCallback = async (context, cancellation) =>
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var port = connect == "-" ? context.DnsEndPoint.Port : int.Parse(connect);
        await socket.ConnectAsync("127.0.0.1", port, cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    },
    SslOptions = new SslClientAuthenticationOptions
    {
        // With the intermediates: ClientCertificates alone sends the leaf, and nobody can find a path from it.
        ClientCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
        CertificateChainPolicy = Policy(),
    },
};

X509ChainPolicy Policy()
{
    var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
    policy.CustomTrustStore.AddRange(anchors);
    return policy;
}

/// The browser is somebody else: it gets the address, and says where it came back to.
sealed class Pipe : IBrowser
{
    public async Task<BrowserResult> InvokeAsync(BrowserOptions options, CancellationToken cancellationToken = default)
    {
        Console.WriteLine(options.StartUrl);
        var response = await Console.In.ReadLineAsync(cancellationToken);
        return new BrowserResult { ResultType = BrowserResultType.Success, Response = response ?? "" };
    }
}

/// ID tokens by Microsoft.IdentityModel, with its own reading of discovery and keys.
sealed class Validator(string issuer, HttpClient http) : IIdentityTokenValidator
{
    public async Task<Duende.IdentityModel.OidcClient.Results.IdentityTokenValidationResult> ValidateAsync(
        string identityToken, OidcClientOptions options, CancellationToken cancellationToken = default)
    {
        var manager = new ConfigurationManager<OpenIdConnectConfiguration>(
            $"{issuer}/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(http));
        var configuration = await manager.GetConfigurationAsync(cancellationToken);
        var result = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(identityToken, new TokenValidationParameters
        {
            ValidIssuer = configuration.Issuer,
            ValidAudience = options.ClientId,
            IssuerSigningKeys = configuration.SigningKeys,
            ValidTypes = ["JWT"],
        });
        return result.IsValid
            ? new() { User = new(result.ClaimsIdentity), SignatureAlgorithm = ((JsonWebToken)result.SecurityToken).Alg }
            : new() { Error = result.Exception.Message };
    }
}
