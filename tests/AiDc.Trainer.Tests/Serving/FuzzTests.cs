using System.Net.Sockets;
using System.Text;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Rpc.Wire;
using Google.Protobuf;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>Requests that nobody meant to write. Each is answered, none with a failure of the server, and the server goes on.</summary>
[TestFixture]
internal sealed class FuzzTests
{
    private const int Rounds = 400;

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "NaN", "-Infinity", "1e999", "-1", "0", "18446744073709551616", "\\u0000", "\\uD800", "\"inputs\"", "\"shape\"",
        "\"data\"", "\"datatype\"", "\"BYTES\"", "\"FP16\"", "\"binary_data_size\"", "\"parameters\"", "[[[[[[[[[[[[[[[[[[[[", "{\"a\":", "\u00e9", " ", "\n", "99999999999",
    ];

    private TestServer _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = TestServer.Start(
        FunctionModel.Identity(new TensorMetadata("x", Datatype.Fp32, [-1, -1]), new TensorMetadata("s", Datatype.Bytes, [-1])), o => o with { MaxBodyMebibytes = 1 });

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Damaged_requests_over_REST(int seed)
    {
        var random = new Random(seed);
        var answers = new SortedDictionary<int, int>();
        for (var i = 0; i < Rounds; i++)
        {
            var v1 = random.Next(4) == 0;
            var binary = !v1 && random.Next(3) == 0;
            var body = Damage(v1 ? V1() : binary ? Binary().Body : Json(), random);
            (string, string)[] headers = binary ? [("Inference-Header-Content-Length", random.Next(5) == 0 ? $"{random.Next(-5, 400)}" : $"{Binary().Length}")] : [];
            var reply = await _server.PostAsync(v1 ? "/v1/models/model:predict" : "/v2/models/model/infer", body, "application/json", headers);
            Assert.That(reply.Status, Is.EqualTo(200).Or.InRange(400, 499), $"seed {seed}, round {i}: {reply.Text}\n{Encoding.UTF8.GetString(body)}");
            if (reply.Status != 200) Assert.That(reply.Error, Is.Not.Empty);
            answers[reply.Status] = answers.GetValueOrDefault(reply.Status) + 1;
        }

        Assert.That(answers.Keys, Does.Contain(400));
        await StillThere();
    }

    [TestCase(4)]
    [TestCase(5)]
    public async Task Damaged_messages_over_gRPC(int seed)
    {
        var random = new Random(seed);
        using var client = new HttpClient { BaseAddress = _server.GrpcAddress };
        var statuses = new HashSet<string>();
        for (var i = 0; i < Rounds; i++)
        {
            var message = Damage(Message(), random);
            byte[] frame = [0, .. BitConverter.GetBytes(message.Length).Reverse(), .. message];
            // The frame's own header, now and then.
            if (random.Next(10) == 0) frame[random.Next(5)] ^= (byte)(1 << random.Next(8));
            var request = new HttpRequestMessage(HttpMethod.Post, "/inference.GRPCInferenceService/ModelInfer")
            {
                Version = new(2, 0),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(frame) { Headers = { ContentType = new("application/grpc") } },
            };
            using var response = await client.SendAsync(request);
            await response.Content.ReadAsByteArrayAsync();
            var status = response.TrailingHeaders.TryGetValues("grpc-status", out var values) || response.Headers.TryGetValues("grpc-status", out values) ? values.Single() : "";
            // OK, INVALID_ARGUMENT, NOT_FOUND (the name was hit), RESOURCE_EXHAUSTED (a length that is too large), UNIMPLEMENTED
            // (a compression that is not there), INTERNAL (gRPC's word for a frame that ends early).
            Assert.That(status, Is.AnyOf("0", "3", "5", "8", "12", "13"), $"seed {seed}, round {i}");
            statuses.Add(status);
        }

        Assert.That(statuses, Does.Contain("3"));
        await StillThere();
    }

    [TestCase(6)]
    public async Task Bytes_that_are_no_HTTP(int seed)
    {
        var random = new Random(seed);
        foreach (var port in new[] { _server.Http.BaseAddress!.Port, _server.GrpcAddress.Port })
        {
            for (var i = 0; i < 50; i++)
            {
                using var socket = new TcpClient("127.0.0.1", port);
                var bytes = new byte[random.Next(1, 300)];
                random.NextBytes(bytes);
                var start = new[] { "", "POST /v2/models/model/infer HTTP/1.1\r\nHost: x\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET " }[random.Next(4)];
                try
                {
                    await socket.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(start), .. bytes]);
                }
                catch (IOException)
                {
                    // It hung up first.
                }
            }
        }

        await StillThere();
    }

    [Test]
    public async Task A_client_that_sends_slowly_is_hung_up_on_and_holds_nobody_up()
    {
        using var socket = new TcpClient("127.0.0.1", _server.Http.BaseAddress!.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /v2/models/model/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{"));
        await StillThere();
        using var reader = new StreamReader(socket.GetStream());
        var answer = await reader.ReadToEndAsync();
        Assert.That(answer, Does.StartWith("HTTP/1.1 408"));
        Assert.That(answer, Does.Contain("too slowly"));
    }

    [Test]
    public async Task Clients_that_send_slowly_take_up_no_place()
    {
        await using var server = TestServer.Start(FunctionModel.Doubling(), o => o with { Concurrency = 1, Queue = 0 });
        using var slow = new TcpClient("127.0.0.1", server.Http.BaseAddress!.Port);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /v2/models/model/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{"));
        for (var i = 0; i < 20; i++)
            Assert.That((await server.InferAsync("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_client_that_hangs_up_in_the_middle_of_its_body_harms_nobody()
    {
        for (var i = 0; i < 20; i++)
        {
            using var socket = new TcpClient("127.0.0.1", _server.Http.BaseAddress!.Port);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /v2/models/model/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"inputs\":["));
        }

        await StillThere();
    }

    private async Task StillThere()
    {
        var reply = await _server.PostAsync("/v2/models/model/infer", Json(), "application/json");
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        Assert.That(reply.Json["outputs"]![1]!["data"]!.ToJsonString(), Is.EqualTo("""["a","bc"]"""));
        Assert.That((await _server.Grpc.ModelInferAsync(ModelInferRequest.Parser.ParseFrom(Message()))).Outputs, Has.Count.EqualTo(2));
        Assert.That((await _server.GetAsync("/v2/health/live")).Status, Is.EqualTo(200));
        Assert.That(_server.Log, Does.Not.Contain("not foreseen"), "a fault that the server does not know");
    }

    /// <summary>Flips, cuts, doubles and puts in.</summary>
    private static byte[] Damage(byte[] body, Random random)
    {
        var damaged = body.ToList();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(damaged.Count + 1);
            var length = Math.Min(random.Next(1, 20), damaged.Count - at);
            switch (random.Next(6))
            {
                case 0 when at < damaged.Count: damaged[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: damaged.RemoveRange(at, length); break;
                case 2: damaged.InsertRange(at, damaged.GetRange(at, length)); break;
                case 3: damaged.RemoveRange(at, damaged.Count - at); break;
                case 4 when at < damaged.Count: damaged[at] = (byte)random.Next(256); break;
                default: damaged.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)])); break;
            }
        }

        return [.. damaged];
    }

    private static byte[] Json() =>
        """{"id":"7","parameters":{"a":1},"inputs":[{"name":"x","datatype":"FP32","shape":[2,2],"data":[[1.5,2],[3,4e0]]},{"name":"s","datatype":"BYTES","shape":[2],"data":["a","bc"]}],"outputs":[{"name":"x"},{"name":"s"}]}"""u8.ToArray();

    private static byte[] V1() => """{"instances":[{"x":[1,2],"s":"a"},{"x":[3,4.5],"s":"bc"}]}"""u8.ToArray();

    private static (byte[] Body, int Length) Binary()
    {
        var json = """{"inputs":[{"name":"x","datatype":"FP32","shape":[2,1],"parameters":{"binary_data_size":8}},{"name":"s","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":11}}],"parameters":{"binary_data_output":true}}"""u8.ToArray();
        return ([.. json, 0, 0, 128, 63, 0, 0, 0, 64, 1, 0, 0, 0, 65, 2, 0, 0, 0, 66, 67], json.Length);
    }

    private static byte[] Message() => new ModelInferRequest
    {
        ModelName = "model",
        Id = "7",
        Inputs =
        {
            new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32", Shape = { 2, 1 } },
            new ModelInferRequest.Types.InferInputTensor { Name = "s", Datatype = "BYTES", Shape = { 2 } },
        },
        RawInputContents = { ByteString.CopyFrom(0, 0, 128, 63, 0, 0, 0, 64), ByteString.CopyFrom(1, 0, 0, 0, 65, 2, 0, 0, 0, 66, 67) },
    }.ToByteArray();
}
