using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>Whether the server lives and is ready, and what it has: of the protocol v2, and KServe's V1.</summary>
internal sealed class HealthEndpoints(ModelHost host)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        Get(routes, "/", AliveAsync);
        Get(routes, "/v2/health/live", LiveAsync);
        Get(routes, "/v2/health/ready", ReadyAsync);
        Get(routes, "/v2", ServerAsync);
        foreach (var version in new[] { "", "/versions/{version}" })
        {
            Get(routes, $"/v2/models/{{name}}{version}", MetadataAsync);
            Get(routes, $"/v2/models/{{name}}{version}/ready", ModelReadyAsync);
        }

        Get(routes, "/v1/models", context => JsonReply.WriteAsync(context, 200, json =>
        {
            json.WriteStartArray("models"u8);
            json.WriteStringValue(host.Name);
            json.WriteEndArray();
        }));
        Get(routes, "/v1/models/{name}", ModelReadyAsync);
    }

    /// <summary>A response to HEAD has no body; Kestrel sees to that, and the length is that of GET.</summary>
    private static void Get(IEndpointRouteBuilder routes, string path, RequestDelegate answer) => routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], answer);

    /// <summary>What clients of KServe's V1 take for liveness.</summary>
    private Task AliveAsync(HttpContext context)
    {
        var live = host.IsLive;
        return JsonReply.WriteAsync(context, live ? 200 : 503, json => json.WriteString("status"u8, live ? "alive"u8 : "hanging"u8));
    }

    private Task LiveAsync(HttpContext context)
    {
        var live = host.IsLive;
        return JsonReply.WriteAsync(context, live ? 200 : 503, json => json.WriteBoolean("live"u8, live));
    }

    private Task ReadyAsync(HttpContext context)
    {
        var ready = host.IsReady;
        return JsonReply.WriteAsync(context, ready ? 200 : 503, json => json.WriteBoolean("ready"u8, ready));
    }

    private static Task ServerAsync(HttpContext context) => JsonReply.WriteAsync(context, 200, json =>
    {
        json.WriteString("name"u8, ServerIdentity.Name);
        json.WriteString("version"u8, ServerIdentity.Version);
        json.WriteStartArray("extensions"u8);
        foreach (var extension in ServerIdentity.Extensions) json.WriteStringValue(extension);
        json.WriteEndArray();
    });

    private Task MetadataAsync(HttpContext context)
    {
        var model = host.Get(Name(context), Version(context)).Metadata;
        return JsonReply.WriteAsync(context, 200, json => MetadataJson.Write(json, model));
    }

    private Task ModelReadyAsync(HttpContext context)
    {
        var (name, version) = (Name(context), Version(context));
        if (!host.Has(name, version)) throw new ServingException(ServingError.NotFound, $"there is no model '{name}'{(version is null ? "" : $" of version '{version}'")} here; this server has '{host.Name}'");
        var ready = host.IsReady;
        return JsonReply.WriteAsync(context, ready ? 200 : 503, json =>
        {
            json.WriteString("name"u8, name);
            json.WriteBoolean("ready"u8, ready);
        });
    }

    private static string Name(HttpContext context) => (string)context.GetRouteValue("name")!;

    private static string? Version(HttpContext context) => context.GetRouteValue("version") as string;
}
