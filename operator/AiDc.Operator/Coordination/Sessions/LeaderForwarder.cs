using System.Net.Http.Headers;
using AiDc.Operator.Coordination.Trust;

namespace AiDc.Operator.Coordination.Sessions;

/// <summary>Passes a request on to the leader, as it is, over TLS checked like a worker checks it.</summary>
internal sealed class LeaderForwarder : IDisposable
{
    /// <summary>On a request that was passed on once: it is not passed on again.</summary>
    private const string Forwarded = "X-Aidc-Forwarded";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient client;

    public LeaderForwarder(CoordinatorTrust trust) => client = new HttpClient(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        UseProxy = false,
        SslOptions = CoordinatorTls.Client(() => trust.Authorities),
    })
    { Timeout = Timeout };

    public async Task ForwardAsync(HttpContext context, ReadOnlyMemory<byte> body, string? holder)
    {
        if (context.Request.Headers.ContainsKey(Forwarded) || !LeaderIdentity.TryParse(holder, out var leader))
        {
            await UnavailableAsync(context);
            return;
        }
        using var request = new HttpRequestMessage(HttpMethod.Put, leader.Address + ProgressEndpoint.Path) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Authorization", context.Request.Headers.Authorization.ToString());
        request.Headers.Add(Forwarded, "1");
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            if (response.StatusCode != System.Net.HttpStatusCode.NoContent)
                await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            await UnavailableAsync(context);
        }
    }

    public void Dispose() => client.Dispose();

    private static Task UnavailableAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "2";
        return context.Response.WriteAsJsonAsync(
            new Dictionary<string, string> { ["error"] = "no operator replica leads right now: try again in a few seconds" }, context.RequestAborted);
    }
}
