using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using AiDc.Trainer.Serving.Pipeline;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>What can be seen of a server from outside.</summary>
[NonParallelizable]
internal sealed class TelemetryTests
{
    private const string Good = """{"id":"q","inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""";

    [Test]
    public async Task Metrics_count_requests_by_their_code_and_measure_them()
    {
        await using var server = TestServer.Start(FunctionModel.Doubling());
        await server.InferAsync(Good);
        await server.InferAsync(Good);
        await server.InferAsync("{}");
        await server.Grpc.ModelReadyAsync(new() { Name = "model" });
        await Assert.ThatAsync(async () => await server.Grpc.ModelInferAsync(new() { ModelName = "other" }), Throws.Exception);
        await server.GetAsync("/v2/health/live");

        var metrics = await server.MetricsAsync();
        Assert.That(metrics, Does.Contain("""aidc_server_requests_total{code="200"} 2"""));
        Assert.That(metrics, Does.Contain("""aidc_server_requests_total{code="400"} 1"""));
        Assert.That(metrics, Does.Contain("""aidc_server_requests_total{code="404"} 1"""));
        Assert.That(metrics, Does.Contain("aidc_server_queue_length 0"));
        Assert.That(metrics, Does.Contain("aidc_server_in_flight 0"));
        Assert.That(metrics, Does.Contain("aidc_server_batch_size_count 2"));
        Assert.That(metrics, Does.Contain("""aidc_server_batch_size_bucket{le="1"} 2"""));
        Assert.That(metrics, Does.Contain("aidc_server_compute_seconds_count 2"));
        Assert.That(metrics, Does.Contain("aidc_server_request_seconds_count 4"));
        Assert.That(metrics.Where(m => m.Length > 0 && m[0] != '#'), Has.All.StartsWith("aidc_server_").Or.StartsWith("prometheus_net_"));
    }

    [Test]
    public async Task The_log_has_a_share_of_the_requests_without_what_was_in_them()
    {
        await using var silent = TestServer.Start(FunctionModel.Doubling(), o => o with { RequestLogRate = 0.5 });
        await silent.InferAsync(Good);
        Assert.That(silent.Log, Does.Not.Contain("\"event\":\"request\""), "chance said 0.5, which is not below");

        await using var server = TestServer.Start(FunctionModel.Doubling(), o => o with { RequestLogRate = 0.6 });
        await server.InferAsync(Good);
        var line = RequestLine(server);
        Assert.That((string)line["id"]!, Is.EqualTo("q"));
        Assert.That((string)line["protocol"]!, Is.EqualTo("v2"));
        Assert.That((int)line["code"]!, Is.EqualTo(200));
        Assert.That((string)line["inputs"]![0]!, Is.EqualTo("x FP32 [1, 3]"));
        Assert.That((int)line["batchSize"]!, Is.EqualTo(1));
        Assert.That(line["request"], Is.Null);
        Assert.That(line["response"], Is.Null);
    }

    [Test]
    public async Task The_log_has_bodies_where_that_is_wanted()
    {
        await using var server = TestServer.Start(FunctionModel.Doubling(), o => o with { RequestLogRate = 1, RequestLogPayloads = true });
        await server.InferAsync(Good);
        var line = RequestLine(server);
        Assert.That((string)line["request"]!, Is.EqualTo(Good));
        Assert.That((string)line["response"]!, Does.Contain("[2,4,6]"));
    }

    [Test]
    public async Task A_request_that_failed_is_logged_with_its_reason()
    {
        await using var server = TestServer.Start(FunctionModel.Doubling(), o => o with { RequestLogRate = 1 });
        await server.InferAsync("{}");
        var line = RequestLine(server);
        Assert.That((int)line["code"]!, Is.EqualTo(400));
        Assert.That((string)line["error"]!, Does.Contain("'inputs' is missing"));
    }

    [Test]
    public async Task Spans_go_on_from_the_gateways_and_tell_wait_and_computation_apart()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        const string parent = "b7ad6b7169203331";
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Tracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans) spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var server = TestServer.Start(FunctionModel.Doubling());
        await server.InferAsync(Good, ("traceparent", $"00-{trace}-{parent}-01"));
        Assert.That(() => Count(), Is.EqualTo(3).After(5).Seconds.PollEvery(10).MilliSeconds);
        var request = spans.Single(s => s.OperationName == "infer v2");
        Assert.That(request.TraceId.ToHexString(), Is.EqualTo(trace));
        Assert.That(request.ParentSpanId.ToHexString(), Is.EqualTo(parent));
        Assert.That(request.GetTagItem("http.response.status_code"), Is.EqualTo(200));
        foreach (var part in spans.Where(s => s != request))
        {
            Assert.That(part.OperationName, Is.EqualTo("queue").Or.EqualTo("compute"));
            Assert.That(part.ParentSpanId, Is.EqualTo(request.SpanId));
            Assert.That(part.StartTimeUtc, Is.GreaterThanOrEqualTo(request.StartTimeUtc.AddMilliseconds(-1)));
            Assert.That(part.StartTimeUtc + part.Duration, Is.LessThanOrEqualTo(request.StartTimeUtc + request.Duration + TimeSpan.FromMilliseconds(1)));
        }

        int Count()
        {
            lock (spans) return spans.Count;
        }
    }

    [Test]
    public async Task Spans_go_where_the_standard_variable_says_and_nowhere_without_it()
    {
        using var collector = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort()}";
        collector.Prefixes.Add(address + "/");
        collector.Start();
        var variables = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" };
        foreach (var (name, value) in variables) Environment.SetEnvironmentVariable(name, value);
        try
        {
            await using (var silent = TestServer.Start(FunctionModel.Doubling())) await silent.InferAsync(Good);
            var server = TestServer.Start(FunctionModel.Doubling(), environment: variables.GetValueOrDefault);
            await server.InferAsync(Good);
            // What it has not sent yet it sends when it ends.
            var ended = server.DisposeAsync().AsTask();
            var call = await collector.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(60));
            using var body = new MemoryStream();
            await call.Request.InputStream.CopyToAsync(body);
            call.Response.Close();
            await ended;
            Assert.That(call.Request.Url!.AbsolutePath, Is.EqualTo("/v1/traces"));
            var spans = Encoding.Latin1.GetString(body.ToArray());
            foreach (var text in new[] { "infer v2", "queue", "compute", "service.name" }) Assert.That(spans, Does.Contain(text));
            Assert.That(spans.Split("infer v2"), Has.Length.EqualTo(2), "the other server's request is there too");
        }
        finally
        {
            foreach (var name in variables.Keys) Environment.SetEnvironmentVariable(name, null);
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static JsonNode RequestLine(TestServer server)
    {
        Assert.That(() => server.Log, Does.Contain("\"event\":\"request\"").After(5).Seconds.PollEvery(10).MilliSeconds);
        return JsonNode.Parse(server.Log.Split('\n').Single(l => l.Contains("\"event\":\"request\"", StringComparison.Ordinal)))!;
    }
}
