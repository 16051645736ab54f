/** What the C# programs of Kestrel and of YARP have in common: whom to ask, whom to answer 421, what to clear. */
export const kestrelSetUp: string = String.raw`var builder = WebApplication.CreateBuilder(args);
var sites = builder.Configuration.GetSection("Holdfast:Sites").Get<Site[]>() ?? [];
// What does not fit a site is left out by the binder without a word.
if (sites.Length == 0 || sites.Length != builder.Configuration.GetSection("Holdfast:Sites").GetChildren().Count())
    throw new InvalidOperationException("appsettings.json: Holdfast:Sites cannot be read");
var cleared = (builder.Configuration.GetSection("Holdfast:Cleared").Get<string[]>() ?? []).Select(Skeleton).ToHashSet();
var asking = sites.Where(site => site.Asks && site.Path == "").Select(site => site.Authority).ToHashSet(StringComparer.OrdinalIgnoreCase);

builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https =>
{
    // Holdfast judges certificates; without this Kestrel refuses those that this machine does not trust.
    https.AllowAnyClientCertificate();
    https.OnAuthenticate = (_, tls) =>
    {
        // A resumed session would bring the certificate of an older handshake.
        tls.AllowTlsResume = false;
        // Else .NET fetches issuers from whatever URL a stranger's certificate names.
        tls.CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
    };
}));
`

/** The same, of each request; before what hands it on. */
export const kestrelMiddleware: string = String.raw`app.Use(async (context, next) =>
{
    var host = context.Request.Host;
    var port = context.Connection.LocalPort;
    var named = context.Features.Get<ITlsHandshakeFeature>()?.HostName ?? "";
    // Kestrel does not compare the TLS name with Host, and browsers share connections between names.
    if ((host.Port ?? 443) != port || asking.Contains($"{named}:{port}") != asking.Contains($"{host.Host}:{port}"))
    {
        await Refuse(context, 421, "misdirected_request", "this connection does not serve the host that was asked for");
        return;
    }
    var site = sites.Where(candidate => candidate.Takes(host.Host, port, context.Request.Path)).MaxBy(candidate => candidate.Path.Length);
    if (site is null)
    {
        await Refuse(context, 421, "misdirected_request", "this connection does not serve the host that was asked for");
        return;
    }
    foreach (var header in context.Request.Headers.Keys.Where(key => cleared.Contains(Skeleton(key))).ToArray())
        context.Request.Headers.Remove(header);
    if (site.ClientAddressHeader is { } address)
        context.Request.Headers[address] = context.Connection.RemoteIpAddress?.ToString() ?? "";
    if (site.Path != "" && context.Connection.ClientCertificate is null)
    {
        try
        {
            // Renegotiation; a client that will not goes on without a certificate, and Holdfast says so.
            await context.Connection.GetClientCertificateAsync(context.RequestAborted);
        }
        catch (Exception problem) when (problem is InvalidOperationException or IOException or AuthenticationException)
        {
        }
    }
    context.Items["holdfast"] = site;
    await next(context);
});
`

/** Declarations at the end of both programs. */
export const kestrelDeclarations: string = String.raw`
// A_B, a-b and A-B are one name to somebody behind.
static string Skeleton(string header) => header.Replace('_', '-').ToLowerInvariant();

static Task Refuse(HttpContext context, int status, string error, string description)
{
    context.Response.StatusCode = status;
    return context.Response.WriteAsJsonAsync(new { error, error_description = description });
}

static string? Written(X509Certificate2? certificate, string? form) => certificate is null ? null : form switch
{
    "escaped-pem" => Uri.EscapeDataString(certificate.ExportCertificatePem() + "\n"),
    "rfc9440" => $":{Convert.ToBase64String(certificate.RawData)}:",
    _ => Convert.ToBase64String(certificate.RawData),
};

sealed record Site(string Name, int Port, string Path, bool Asks, string Upstream, string? ClientAddressHeader = null, string? CertificateHeader = null, string? CertificateForm = null, string? SecretHeader = null, string? Secret = null)
{
    public string Authority => $"{Name}:{Port}";

    public bool Takes(string host, int port, PathString path) =>
        port == Port && host.Equals(Name, StringComparison.OrdinalIgnoreCase) && (Path == "" || path.StartsWithSegments(Path, StringComparison.Ordinal));
}
`

/** A project file; the packages by name and version. */
export function kestrelProject(packages: Readonly<Record<string, string>>): readonly string[] {
  return [
    '<Project Sdk="Microsoft.NET.Sdk.Web">',
    '  <PropertyGroup>',
    '    <TargetFramework>net10.0</TargetFramework>',
    '    <Nullable>enable</Nullable>',
    '    <ImplicitUsings>enable</ImplicitUsings>',
    '    <AssemblyName>holdfast-front</AssemblyName>',
    '  </PropertyGroup>',
    ...(Object.keys(packages).length === 0
      ? []
      : [
          '  <ItemGroup>',
          ...Object.entries(packages).map(
            ([name, version]) => `    <PackageReference Include="${name}" Version="${version}" />`,
          ),
          '  </ItemGroup>',
        ]),
    '</Project>',
    '',
  ]
}
