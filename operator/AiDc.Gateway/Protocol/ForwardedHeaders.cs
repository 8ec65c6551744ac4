using System.Net.Http.Headers;

namespace AiDc.Gateway.Protocol;

/// <summary>Tells the replica who asked for what, in the headers that proxies have in common.</summary>
internal static class ForwardedHeaders
{
    private const string For = "X-Forwarded-For";
    private const string Host = "X-Forwarded-Host";
    private const string Proto = "X-Forwarded-Proto";

    public static void Add(HttpRequestHeaders headers, HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } client)
        {
            var before = context.Request.Headers[For].ToString();
            headers.Remove(For);
            headers.TryAddWithoutValidation(For, before.Length > 0 ? $"{before}, {client}" : client.ToString());
        }
        // What a proxy in front of this one has said is what the client asked for.
        if (!headers.NonValidated.Contains(Host)) headers.TryAddWithoutValidation(Host, context.Request.Host.Value);
        if (!headers.NonValidated.Contains(Proto)) headers.TryAddWithoutValidation(Proto, context.Request.Scheme);
    }
}
