using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>Small JSON responses.</summary>
internal static class JsonReply
{
    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        using var buffer = new PooledWriter();
        using (var json = new Utf8JsonWriter(buffer, V2ResponseWriter.Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        await WriteAsync(context, buffer.Written);
    }

    /// <summary>JSON that is written already.</summary>
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}
