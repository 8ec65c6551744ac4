using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiDc.Testing;

/// <summary>
/// Stands between a client and a real API server and does what a real one does not on demand. Plain HTTP/1.1 towards the
/// client. Without rules it passes everything on.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpMessageInvoker upstream;
    private readonly Uri target;
    private readonly ConcurrentQueue<FaultRule> rules = new();
    private readonly ConcurrentQueue<string> requests = new();
    private CancellationTokenSource connected = new();
    private volatile bool refusing;

    private FaultProxy(WebApplication app, ControlPlane plane)
    {
        (this.app, target) = (app, plane.Address);
        var ca = X509CertificateLoader.LoadCertificateFromFile(plane.CaFile);
        upstream = new(new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { ca }, RevocationMode = X509RevocationMode.NoCheck },
            },
        });
    }

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Method and path with query of each request so far.</summary>
    public IReadOnlyList<string> Requests => [.. requests];

    public static async Task<FaultProxy> StartAsync(ControlPlane plane)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var app = builder.Build();
        var proxy = new FaultProxy(app, plane);
        app.Run(proxy.HandleAsync);
        await app.StartAsync();
        return proxy;
    }

    /// <summary>Lets the next <paramref name="times"/> requests that match meet the fault.</summary>
    public void Next(Func<HttpRequest, bool> matches, Fault fault, int times = 1) => rules.Enqueue(new(matches, fault, times));

    /// <summary>Breaks all connections and accepts none, until <see cref="Connect"/>.</summary>
    public void Disconnect()
    {
        refusing = true;
        Interlocked.Exchange(ref connected, new()).Cancel();
    }

    public void Connect() => refusing = false;

    public static bool IsWatch(HttpRequest request) => request.Query.ContainsKey("watch");

    public static bool IsList(HttpRequest request) => request.Method == "GET" && request.Query.ContainsKey("limit");

    public async ValueTask DisposeAsync()
    {
        Disconnect();
        await app.StopAsync();
        await app.DisposeAsync();
        upstream.Dispose();
        connected.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (refusing)
        {
            context.Abort();
            return;
        }
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, connected.Token);
        try
        {
            var fault = rules.Select(rule => rule.Take(context.Request)).FirstOrDefault(taken => taken is not null);
            await MeetAsync(context, fault, either.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            context.Abort();
        }
    }

    private async Task MeetAsync(HttpContext context, Fault? fault, CancellationToken ct)
    {
        switch (fault)
        {
            case Fault.Refusal refusal:
                await RefuseAsync(context, refusal, ct);
                return;
            case Fault.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
                return;
            case Fault.Disconnect:
                context.Abort();
                return;
            case Fault.Slow slow:
                await Task.Delay(slow.Delay, TimeProvider.System, ct);
                break;
        }
        using var request = await ToUpstreamAsync(context.Request, ct);
        using var response = await upstream.SendAsync(request, ct);
        if (fault is Fault.LoseAnswer)
        {
            context.Abort();
            return;
        }
        await PassAsync(context, response, fault, ct);
    }

    private static async Task RefuseAsync(HttpContext context, Fault.Refusal refusal, CancellationToken ct)
    {
        context.Response.StatusCode = refusal.Code;
        context.Response.ContentType = "application/json";
        if (refusal.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var status = new
        {
            kind = "Status", apiVersion = "v1", metadata = new { }, status = "Failure", message = refusal.Message, reason = refusal.Reason, code = refusal.Code,
        };
        await context.Response.WriteAsync(JsonSerializer.Serialize(status), ct);
    }

    private async Task<HttpRequestMessage> ToUpstreamAsync(HttpRequest from, CancellationToken ct)
    {
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(target, from.Path.ToUriComponent() + from.QueryString.ToUriComponent()));
        if (from.ContentLength > 0 || from.Headers.TransferEncoding.Count > 0)
        {
            using var body = new MemoryStream();
            await from.Body.CopyToAsync(body, ct);
            request.Content = new ByteArrayContent(body.ToArray());
        }
        foreach (var (name, value) in from.Headers)
        {
            if (name is "Host" or "Connection" or "Transfer-Encoding" or "Content-Length") continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value)) request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
        }
        return request;
    }

    private static async Task PassAsync(HttpContext context, HttpResponseMessage response, Fault? fault, CancellationToken ct)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, value) in response.Headers.Concat(response.Content.Headers))
            if (name is not ("Transfer-Encoding" or "Content-Length" or "Connection")) context.Response.Headers[name] = value.ToArray();
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        await context.Response.StartAsync(ct);
        using var body = await response.Content.ReadAsStreamAsync(ct);
        if (fault is not (Fault.CutAfter or Fault.HangAfter or Fault.LineAfter))
        {
            await CopyAsync(body, context.Response, ct);
            return;
        }
        var lines = fault switch { Fault.CutAfter f => f.Lines, Fault.HangAfter f => f.Lines, Fault.LineAfter f => f.Lines, _ => 0 };
        using var reader = new StreamReader(body);
        for (var i = 0; i < lines && await reader.ReadLineAsync(ct) is { } line; i++) await WriteLineAsync(context, line, ct);
        if (fault is Fault.CutAfter) context.Abort();
        else if (fault is Fault.HangAfter) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        else if (fault is Fault.LineAfter last) await WriteLineAsync(context, last.Line, ct);
    }

    private static async Task CopyAsync(Stream body, HttpResponse response, CancellationToken ct)
    {
        var buffer = new byte[16384];
        for (int read; (read = await body.ReadAsync(buffer, ct)) > 0;)
        {
            await response.Body.WriteAsync(buffer.AsMemory(0, read), ct);
            await response.Body.FlushAsync(ct);
        }
    }

    private static async Task WriteLineAsync(HttpContext context, string line, CancellationToken ct)
    {
        await context.Response.WriteAsync(line + "\n", ct);
        await context.Response.Body.FlushAsync(ct);
    }
}
