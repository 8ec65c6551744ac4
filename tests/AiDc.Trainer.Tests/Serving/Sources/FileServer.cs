using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace AiDc.Trainer.Tests.Serving.Sources;

/// <summary>A web server with files in memory, which can be as bad as real ones.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly List<string> _requests = [];

    private FileServer(WebApplication app) => _app = app;

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Answers with this instead of a file, while it is not null; the argument counts requests from 1.</summary>
    public Func<int, int?> Status { get; set; } = _ => null;

    /// <summary>Closes the connection once an answer's body has so many bytes.</summary>
    public int BreakAfter { get; set; } = int.MaxValue;

    /// <summary>Waits for this once an answer's body has <see cref="BreakAfter"/> bytes, and then sends the rest.</summary>
    public Func<CancellationToken, Task>? Hang { get; set; }

    public bool Ranges { get; set; } = true;

    public bool Tags { get; set; } = true;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>Path, query and range of each request for more than the first byte.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_lock) return [.. _requests.Where(r => !r.EndsWith("bytes=0-0", StringComparison.Ordinal))];
        }
    }

    public static async Task<FileServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new FileServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        int count;
        lock (_lock)
        {
            _requests.Add($"{http.Request.Path}{http.Request.QueryString} {http.Request.Headers.Range}");
            count = _requests.Count;
        }

        if (Status(count) is { } status)
        {
            http.Response.StatusCode = status;
            return;
        }

        if (!Files.TryGetValue(http.Request.Path.Value!.TrimStart('/'), out var content))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (Tags) http.Response.Headers.ETag = $"\"{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content))[..16]}\"";
        await SendAsync(http, content);
    }

    private async Task SendAsync(HttpContext http, byte[] content)
    {
        var (from, to) = (0, content.Length - 1);
        if (Ranges && RangeHeaderValue.TryParse(http.Request.Headers.Range.ToString(), out var range))
        {
            var asked = range!.Ranges.Single();
            (from, to) = ((int)asked.From!.Value, (int)Math.Min(asked.To ?? to, to));
            if (from >= content.Length)
            {
                http.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                http.Response.Headers.ContentRange = $"bytes */{content.Length}";
                return;
            }

            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = $"bytes {from}-{to}/{content.Length}";
        }

        var body = content.AsMemory(from, to - from + 1);
        http.Response.ContentLength = body.Length;
        if (body.Length > BreakAfter)
        {
            await http.Response.Body.WriteAsync(body[..BreakAfter]);
            await http.Response.Body.FlushAsync();
            if (Hang is null)
            {
                http.Abort();
                return;
            }

            await Hang(http.RequestAborted);
            body = body[BreakAfter..];
        }

        await http.Response.Body.WriteAsync(body);
    }
}
