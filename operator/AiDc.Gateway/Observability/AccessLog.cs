using AiDc.ControllerRuntime;
using AiDc.Gateway.Configuration;
using Microsoft.Extensions.Options;

namespace AiDc.Gateway.Observability;

/// <summary>One line a request, of a share of the requests. Never a query, a header or a body: those are where secrets are.</summary>
internal sealed partial class AccessLog(IOptions<GatewayOptions> options, Jitter random, ILogger<AccessLog> logger)
{
    private readonly double rate = options.Value.AccessLogSampleRate;

    /// <summary>Whether the next request's line is to be written.</summary>
    public bool Takes() => rate > 0 && (rate >= 1 || random.Next() < rate);

    public void Write(HttpContext context, AccessEntry entry) => Line(
        context.Request.Method, context.Request.Path.Value ?? "", entry.Status, entry.Service?.ToString() ?? "", entry.Revision, entry.Pod, entry.Client,
        entry.Took.TotalMilliseconds, entry.Waited.TotalMilliseconds, entry.Attempts, entry.TraceId);

    [LoggerMessage(3101, LogLevel.Information,
        "{Method} {Path} {Status} service={Service} revision={Revision} pod={Pod} client={Client} ms={Milliseconds:0.0} waitedMs={Waited:0.0} attempts={Attempts} trace={Trace}")]
    private partial void Line(
        string method, string path, int status, string service, string? revision, string? pod, string client, double milliseconds, double waited,
        int attempts, string trace);
}

/// <summary>What the access log says of a request beside what the request itself does.</summary>
/// <param name="Service">Null: it named none that is there.</param>
/// <param name="Client">The name that its API key has, else its address.</param>
internal sealed record AccessEntry(
    NamespacedName? Service, string? Revision, string? Pod, string Client, int Status, TimeSpan Took, TimeSpan Waited, int Attempts, string TraceId);
