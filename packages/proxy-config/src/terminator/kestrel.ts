import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment } from '../proxy-deployment.ts'
import { jsonWithComments } from '../syntax/json-syntax.ts'
import { kestrelDeclarations, kestrelMiddleware, kestrelProject, kestrelSetUp } from './kestrel-program.ts'
import { holdfastSettings, kestrelSettings } from './kestrel-settings.ts'

/** An ASP.NET Core application on Kestrel that ends TLS and forwards: its settings, and the program, which needs no package. */
export function kestrel(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const settings = {
    Kestrel: kestrelSettings(deployment),
    Holdfast: holdfastSettings(deployment),
    Logging: { LogLevel: { Default: 'Warning' } },
  }
  return [
    { name: 'appsettings.json', text: jsonWithComments(openingLines(opening), settings) },
    { name: 'Program.cs', text: program },
    { name: 'holdfast-front.csproj', text: kestrelProject({}).join('\n') },
  ]
}

const program = String.raw`// Ends TLS and forwards to Holdfast, as appsettings.json says; the same for every deployment.
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

${kestrelSetUp}
var app = builder.Build();
${kestrelMiddleware}
// Idle connections are closed before Holdfast does so, after 75 seconds.
using var upstream = new HttpMessageInvoker(new SocketsHttpHandler
{
    UseProxy = false,
    UseCookies = false,
    AllowAutoRedirect = false,
    AutomaticDecompression = DecompressionMethods.None,
    ActivityHeadersPropagator = null,
    ConnectTimeout = TimeSpan.FromSeconds(5),
    PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
});

app.Run(async context =>
{
    var site = (Site)context.Items["holdfast"]!;
    var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
    using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), site.Upstream + (target.StartsWith('/') ? target : "/"));
    if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        request.Content = new StreamContent(context.Request.Body);
    var perHop = PerHop(context.Request.Headers.Connection);
    foreach (var (name, values) in context.Request.Headers)
        if (!perHop.Contains(name) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
    request.Headers.Host = context.Request.Host.Value;
    Set(request, site.SecretHeader, site.Secret);
    Set(request, site.CertificateHeader, Written(context.Connection.ClientCertificate, site.CertificateForm));
    HttpResponseMessage answer;
    try
    {
        answer = await upstream.SendAsync(request, context.RequestAborted);
    }
    catch (HttpRequestException)
    {
        await Refuse(context, 502, "temporarily_unavailable", "the server behind this proxy did not answer");
        return;
    }
    using (answer)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        var perHopBack = PerHop(answer.Headers.TryGetValues("Connection", out var named) ? named : []);
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
            if (!perHopBack.Contains(name))
                context.Response.Headers[name] = values.ToArray();
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
});
app.Run();

static void Set(HttpRequestMessage request, string? header, string? value)
{
    if (header is null) return;
    request.Headers.Remove(header);
    if (value is not null) request.Headers.TryAddWithoutValidation(header, value);
}

// RFC 9110 §7.6.1.
static HashSet<string> PerHop(IEnumerable<string?> connection) => new(
    connection.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Concat(["Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host", "Expect"]),
    StringComparer.OrdinalIgnoreCase);
${kestrelDeclarations}`

const opening: Opening = {
  title:
    'An ASP.NET Core application on Kestrel in front of Holdfast: appsettings.json, beside Program.cs and its project.',
  surroundings: [
    '.NET 10; `dotnet publish` once, then run it in the folder of this file: Program.cs is the same for every deployment and needs no package',
    'never ClientCertificateMode DelayCertificate where a host name of its own can ask: that is renegotiation, TLS 1.2 and HTTP/1.1 only',
    'the certificate travels as Convert.ToBase64String(certificate.RawData), which is what AddCertificateForwarding reads by default',
    'Holdfast is reached over TCP, so its listeners know Kestrel by the proxy secret; this file is readable by its user alone',
    'Kestrel hands on the leaf only: intermediate CAs stand under `trust` in holdfast.yaml',
  ],
  tested: [
    '.NET 10.0.12 on Linux: Kestrel, TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2, with the presets kestrel and rfc9440; path style over TLS 1.2',
  ],
  untested: ['Kestrel on Windows and macOS, whose TLS is that of the system'],
}
