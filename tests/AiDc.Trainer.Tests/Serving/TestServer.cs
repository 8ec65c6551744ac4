using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Serving;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Options;
using AiDc.Trainer.Serving.Rpc.Wire;
using Grpc.Core;
using Grpc.Net.Client;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>A server on ports of its own, on the loopback device, with its clients.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly ModelServer _server;
    private readonly GrpcChannel _channel;
    private readonly StringWriter _log = new();

    private TestServer(ServeOptions options, Func<string, string?> environment)
    {
        _server = new(options, TimeProvider.System, environment, new JsonLog(TextWriter.Synchronized(_log), TimeProvider.System, TimeSpan.Zero), () => 0.5);
        _server.StartAsync().GetAwaiter().GetResult();
        Http = new() { BaseAddress = _server.Addresses[0], Timeout = TimeSpan.FromSeconds(60) };
        _channel = GrpcChannel.ForAddress(_server.Addresses[1], new() { MaxReceiveMessageSize = null, MaxSendMessageSize = null });
        Grpc = new(_channel);
    }

    public HttpClient Http { get; }

    public GRPCInferenceService.GRPCInferenceServiceClient Grpc { get; }

    public GrpcChannel Channel => _channel;

    public Uri GrpcAddress => _server.Addresses[1];

    public Uri MetricsAddress => _server.Addresses[2];

    public string Log => _log.ToString();

    /// <param name="model">Null: none is loaded yet.</param>
    public static TestServer Start(IServedModel? model, Func<ServeOptions, ServeOptions>? change = null, Func<string, string?>? environment = null)
    {
        var options = new ServeOptions(new ServedModelOptions("", ModelFormat.Aidc, "model")) { HttpPort = 0, GrpcPort = 0, MetricsPort = 0 };
        var server = new TestServer(change?.Invoke(options) ?? options, environment ?? (_ => null));
        if (model is not null) server.Open(model);
        return server;
    }

    public void Open(IServedModel model)
    {
        _server.Open(model, _ => { });
        (model as FunctionModel)?.Reset();
    }

    public Task DrainAsync() => _server.DrainAsync();

    public Task<Reply> GetAsync(string path) => SendAsync(new(HttpMethod.Get, path));

    public async Task<string[]> MetricsAsync() => (await GetAsync(new Uri(MetricsAddress, "/metrics").ToString())).Text.Split('\n');

    public Task<Reply> PostAsync(string path, string json, params (string Name, string Value)[] headers) =>
        PostAsync(path, Encoding.UTF8.GetBytes(json), "application/json", headers);

    public async Task<Reply> PostAsync(string path, byte[] body, string contentType, params (string Name, string Value)[] headers)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await SendAsync(request);
    }

    public Task<Reply> InferAsync(string json, params (string Name, string Value)[] headers) => PostAsync("/v2/models/model/infer", json, headers);

    /// <summary>Asks again while the server is busy: the memory of a request is free a moment after its answer was read.</summary>
    public async Task<Reply> PostWhenFreeAsync(string path, string json)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Reply reply;
        while ((reply = await PostAsync(path, json)).Status == 429) await Task.Delay(5, patience.Token);
        return reply;
    }

    /// <inheritdoc cref="PostWhenFreeAsync"/>
    public async Task<ModelInferResponse> CallWhenFreeAsync(ModelInferRequest request, Metadata? headers = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                return await Grpc.ModelInferAsync(request, headers);
            }
            catch (RpcException error) when (error.Status.Detail.StartsWith("the server is busy", StringComparison.Ordinal))
            {
                await Task.Delay(5, patience.Token);
            }
        }
    }

    public async Task<Reply> SendAsync(HttpRequestMessage request, CancellationToken cancellation = default)
    {
        using var response = await Http.SendAsync(request, cancellation);
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase);
        return new((int)response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _channel.Dispose();
        await _server.DisposeAsync();
        await _log.DisposeAsync();
    }

    /// <summary>A response, read to its end.</summary>
    internal sealed record Reply(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
    {
        public string Text => Encoding.UTF8.GetString(Body);

        public JsonNode Json => JsonNode.Parse(Body)!;

        public string Error => (string)Json["error"]!;
    }
}
