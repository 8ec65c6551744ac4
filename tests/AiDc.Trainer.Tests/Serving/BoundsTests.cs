using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Rpc.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>What comes from outside takes no more memory and no more time than it may, whatever it says of itself.</summary>
internal sealed class BoundsTests
{
    private static readonly Metadata Gzip = new() { { "grpc-internal-encoding-request", "gzip" } };

    [Test]
    public async Task A_compressed_message_may_inflate_to_what_a_message_may_have_and_no_further()
    {
        await using var server = TestServer.Start(Numbers(), o => o with { MaxBodyMebibytes = 1 });
        var request = Rpc(3);
        request.Id = new string('i', 100_000);
        Assert.That((await server.Grpc.ModelInferAsync(request, Gzip)).Outputs, Has.Count.EqualTo(1));
        request.Id = new string('i', 8 << 20);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.ModelInferAsync(request, Gzip));
        Assert.That((error!.StatusCode, error.Status.Detail), Is.EqualTo((StatusCode.ResourceExhausted, "the message inflates to more than the 1 MiB that this server takes")));
        var other = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.ModelReadyAsync(new() { Name = request.Id }, Gzip));
        Assert.That(other!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        request.Id = "small";
        Assert.That((await server.Grpc.ModelInferAsync(request, Gzip)).Id, Is.EqualTo("small"));
    }

    [Test]
    public async Task What_messages_inflate_to_is_taken_of_the_memory_of_all_and_given_back()
    {
        await using var server = TestServer.Start(Numbers(), o => o with { MaxBodyMebibytes = 4, BodyMemory = 1 << 20 });
        var request = Rpc(3);
        request.Id = new string('i', 2 << 20);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await server.CallWhenFreeAsync(request, Gzip));
        Assert.That(error!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        // It comes back in the answer, which takes as much.
        request.Id = new string('i', 400_000);
        for (var i = 0; i < 5; i++) Assert.That((await server.CallWhenFreeAsync(request, Gzip)).Outputs, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Bytes_that_are_no_gzip_are_the_callers_fault()
    {
        await using var server = TestServer.Start(Numbers());
        using var reply = await PostRpcAsync(server, [1, 0, 0, 0, 4, 1, 2, 3, 4], ("grpc-encoding", "gzip"));
        Assert.That(Status(reply), Is.EqualTo(((int)StatusCode.InvalidArgument).ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Test]
    public async Task Tensors_that_grow_out_of_small_JSON_are_taken_of_the_memory_of_all_and_given_back()
    {
        await using var server = TestServer.Start(Numbers(), o => o with { MaxBodyMebibytes = 1, BodyMemory = 2 << 20 });
        var digits = string.Join(',', Enumerable.Repeat('7', 400_000));
        var v2 = $$"""{"inputs":[{"name":"x","datatype":"INT64","shape":[400000],"data":[{{digits}}]}]}""";
        var before = $$"""{"inputs":[{"data":[{{digits}}],"name":"x","datatype":"INT64","shape":[400000]}]}""";
        var v1 = $$"""{"instances":[{{digits}}]}""";
        foreach (var reply in new[] { await server.PostWhenFreeAsync("/v2/models/model/infer", v2), await server.PostWhenFreeAsync("/v2/models/model/infer", before), await server.PostWhenFreeAsync("/v1/models/model:predict", v1) })
        {
            Assert.That(reply.Status, Is.EqualTo(413), reply.Text[..Math.Min(200, reply.Text.Length)]);
            Assert.That(reply.Error, Does.Contain("2 MiB"));
        }

        var rpc = await Assert.ThrowsAsync<RpcException>(async () => await server.CallWhenFreeAsync(Rpc(400_000)));
        Assert.That(rpc!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted), rpc.Status.Detail);
        var small = string.Join(',', Enumerable.Repeat('7', 50_000));
        for (var i = 0; i < 10; i++)
        {
            Assert.That((await server.PostWhenFreeAsync("/v2/models/model/infer", $$"""{"inputs":[{"name":"x","datatype":"INT64","shape":[50000],"data":[{{small}}]}]}""")).Status, Is.EqualTo(200));
            Assert.That((await server.PostWhenFreeAsync("/v1/models/model:predict", $$"""{"instances":[{{small}}]}""")).Status, Is.EqualTo(200));
            Assert.That((await server.CallWhenFreeAsync(Rpc(50_000))).Outputs, Has.Count.EqualTo(1));
        }
    }

    /// <summary>One value of JSON takes more than twice what the model's output has of it.</summary>
    [Test]
    public async Task Answers_are_taken_of_the_memory_of_all_and_given_back()
    {
        await using var server = TestServer.Start(Fractions(), o => o with { BodyMemory = 1 << 20 });
        foreach (var (path, body) in new[] { ("/v2/models/model/infer", Ask(40_000)), ("/v1/models/model:predict", """{"instances":[40000]}""") })
        {
            var reply = await server.PostWhenFreeAsync(path, body);
            Assert.That(reply.Status, Is.EqualTo(413), reply.Text[..Math.Min(200, reply.Text.Length)]);
            Assert.That(reply.Error, Does.Contain("1 MiB").And.Contain("answer"));
        }

        var binary = ""","parameters":{"binary_data_output":true}}""";
        Assert.That((await server.PostWhenFreeAsync("/v2/models/model/infer", Ask(40_000)[..^1] + binary)).Status, Is.EqualTo(200), "an output that has room as it is");
        Assert.That((await server.PostWhenFreeAsync("/v2/models/model/infer", Ask(200_000)[..^1] + binary)).Status, Is.EqualTo(413), "an output that has none");
        foreach (var count in new[] { 70_000, 200_000 })
        {
            var rpc = await Assert.ThrowsAsync<RpcException>(async () => await server.CallWhenFreeAsync(Rpc([count])));
            Assert.That(rpc!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted), rpc.Status.Detail);
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.That((await server.PostWhenFreeAsync("/v2/models/model/infer", Ask(10_000))).Status, Is.EqualTo(200));
            Assert.That((await server.PostWhenFreeAsync("/v1/models/model:predict", """{"instances":[10000]}""")).Status, Is.EqualTo(200));
            Assert.That((await server.CallWhenFreeAsync(Rpc([10_000]))).Outputs, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task An_answer_that_is_not_read_keeps_its_memory_and_others_are_told_that_the_server_is_busy()
    {
        await using var server = TestServer.Start(Large(), o => o with { BodyMemory = 60 << 20 });
        var body = Ask(1);
        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 })
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Http.BaseAddress!.Port));
            await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v2/models/model/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            // The answer has begun: 32 MiB of output and 8 MiB of JSON are there.
            Assert.That(await socket.ReceiveAsync(new byte[16]), Is.EqualTo(16));
            var second = await server.InferAsync(body);
            Assert.That((second.Status, second.Error), Is.EqualTo((429, "the server is busy: the requests under way fill 60 MiB, which is the limit")));
            // The model has computed it: a gateway is not to be told that nothing was done.
            Assert.That(second.Headers.Keys, Has.None.EqualTo("aidc-not-processed").And.Some.EqualTo("Retry-After"));
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await server.InferAsync(body)).Status != 200) await Task.Delay(20, patience.Token);
    }

    [TestCase("/v2/models/model/infer", """{"inputs":[{"name":"x","datatype":"INT64","shape":[1],"data":[1]}]}""")]
    [TestCase("/v2/models/model/infer", """{"inputs":[{"name":"x","datatype":"INT64","shape":[1],"data":[1]}],"parameters":{"binary_data_output":true}}""")]
    [TestCase("/v1/models/model:predict", """{"instances":[1]}""")]
    public async Task A_client_that_does_not_read_its_answer_keeps_no_place_beyond_its_deadline(string path, string body)
    {
        await using var server = TestServer.Start(Large(), o => o with { Concurrency = 1, Queue = 0 });
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Http.BaseAddress!.Port));
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\naidc-timeout-ms: 1500\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        await CutOffAsync(server);
    }

    [Test]
    public async Task A_gRPC_client_that_does_not_read_its_answer_keeps_no_place_beyond_its_deadline()
    {
        await using var server = TestServer.Start(Large(), o => o with { Concurrency = 1, Queue = 0 });
        var message = Rpc(1).ToByteArray();
        var framed = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        using var reply = await PostRpcAsync(server, framed, ("aidc-timeout-ms", "1500"));
        await CutOffAsync(server);
    }

    /// <summary>Waits until the request is counted as too late and its place is free.</summary>
    private static async Task CutOffAsync(TestServer server)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        string[] metrics;
        // It is counted first, and then its place is free.
        while (!(metrics = await server.MetricsAsync()).Contains("""aidc_server_requests_total{code="504"} 1""") || !metrics.Contains("aidc_server_in_flight 0"))
            await Task.Delay(20, patience.Token);
    }

    private static async Task<HttpResponseMessage> PostRpcAsync(TestServer server, byte[] framed, params (string Name, string Value)[] headers)
    {
        var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.GrpcAddress, "/inference.GRPCInferenceService/ModelInfer"))
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(framed),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new("trailers"));
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static string Status(HttpResponseMessage reply)
    {
        reply.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult();
        return reply.Headers.TryGetValues("grpc-status", out var header) ? header.Single() : reply.TrailingHeaders.GetValues("grpc-status").Single();
    }

    private static ModelInferRequest Rpc(int values) => Rpc([.. Enumerable.Repeat(7L, values)]);

    private static ModelInferRequest Rpc(long[] values)
    {
        var contents = new InferTensorContents();
        contents.Int64Contents.AddRange(values);
        return new() { ModelName = "model", Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "INT64", Shape = { values.Length }, Contents = contents } } };
    }

    private static string Ask(long value) => $$"""{"inputs":[{"name":"x","datatype":"INT64","shape":[1],"data":[{{value}}]}]}""";

    /// <summary>As many thirds as its input says.</summary>
    private static FunctionModel Fractions() => new(
        new("model", ["1"], "test", [new("x", Datatype.Int64, [1])], [new("y", Datatype.Fp64, [1, -1])]) { Batches = false },
        inputs =>
        {
            var count = BitConverter.ToInt64(inputs[0].Data.Span);
            return [Tensors.Of("y", Datatype.Fp64, [1, count], [.. Enumerable.Repeat(1 / 3d, (int)count)])];
        });

    private static FunctionModel Numbers() => new(
        new("model", ["1"], "test", [new("x", Datatype.Int64, [-1])], [new("y", Datatype.Int64, [-1])]), inputs => [Tensors.Of("y", Datatype.Int64, [inputs[0].Shape[0]], new long[inputs[0].Shape[0]])]);

    /// <summary>Far more than what sockets and servers keep for a client.</summary>
    private static FunctionModel Large() => new(
        new("model", ["1"], "test", [new("x", Datatype.Int64, [-1])], [new("y", Datatype.Int64, [-1, 1 << 22])]),
        inputs => [new("y", Datatype.Int64, [inputs[0].Shape[0], 1 << 22], new byte[inputs[0].Shape[0] * (1 << 25)])]);
}
