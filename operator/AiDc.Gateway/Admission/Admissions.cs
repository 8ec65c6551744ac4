using AiDc.Gateway.Observability;
using AiDc.Gateway.Protocol;
using AiDc.Gateway.Services;


namespace AiDc.Gateway.Admission;

/// <summary>Whether a request may pass: the key first, then the rate. Who is refused is answered here.</summary>
internal sealed class Admissions(ApiKeyWatch keys, GatewayMetrics metrics)
{
    /// <returns>The client, by the name of its key or by its address; null where it was refused.</returns>
    public async ValueTask<string?> AdmitAsync(HttpContext context, Service service, ServiceConfig config)
    {
        var client = context.Connection.RemoteIpAddress?.ToString() ?? "";
        if (config.ApiKeySecret is { } secret)
        {
            if (await CheckKeyAsync(context, config, secret) is not { } name) return null;
            client = name;
        }
        if (service.Limits.Take(client) is not { } retryAfter) return client;
        metrics.Refused("rate");
        await Answers.WriteAsync(context, StatusCodes.Status429TooManyRequests, $"more requests than {config.Name} lets through: try again later",
            notProcessed: false, retryAfter);
        return null;
    }

    private async ValueTask<string?> CheckKeyAsync(HttpContext context, ServiceConfig config, string secret)
    {
        var (known, problem) = keys.Of(config.Name.Namespace, secret);
        if (known is null)
        {
            metrics.Refused("keys-unknown");
            await Answers.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, problem!, true, TimeSpan.FromSeconds(1));
            return null;
        }
        var headers = context.Request.Headers;
        var presented = ApiKeyPolicy.Presented(headers.Authorization, headers[ApiKeyPolicy.Header]);
        if (presented is not null && ApiKeyPolicy.ClientOf(presented, known) is { } client)
        {
            // The key was for the gateway: a replica has no business with it.
            headers.Remove(ApiKeyPolicy.Header);
            headers.Authorization = default;
            return client;
        }
        metrics.Refused("key");
        await Answers.WriteAsync(context, StatusCodes.Status401Unauthorized, presented is null
            ? $"{config.Name} wants an API key: send it as Authorization: Bearer <key>, or as x-api-key: <key>" : "the API key is not valid");
        return null;
    }
}
