using System.Net;
using System.Text;
using AiDc.Trainer.Serving.Models;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>
/// The outer form of requests, as RFC 9110 has it, and the protocol's schema field by field: what is right in substance is answered
/// whatever it looks like.
/// </summary>
internal sealed class HttpFormTests
{
    private const string Good = """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""";

    private TestServer _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = TestServer.Start(FunctionModel.Identity(new TensorMetadata("x", Datatype.Fp32, [-1, 3])));

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    /// <summary>RFC 9110, 9.1: GET and HEAD are what every server has; 9.3.2: HEAD is GET without the content.</summary>
    [TestCase("/")]
    [TestCase("/v2")]
    [TestCase("/v2/")]
    [TestCase("/v2/health/live")]
    [TestCase("/v2/health/ready")]
    [TestCase("/v2/health/ready/")]
    [TestCase("/v2/models/model")]
    [TestCase("/v2/models/model/versions/1")]
    [TestCase("/v2/models/model/ready")]
    [TestCase("/v2/models/model/versions/1/ready")]
    [TestCase("/v1/models")]
    [TestCase("/v1/models/model")]
    public async Task What_can_be_asked_with_GET_can_be_asked_with_HEAD(string path)
    {
        var get = await _server.GetAsync(path);
        var head = await _server.SendAsync(new(HttpMethod.Head, path));
        Assert.That((get.Status, head.Status), Is.EqualTo((200, 200)));
        Assert.That(head.Body, Is.Empty);
        Assert.That(head.Headers["Content-Length"], Is.EqualTo($"{get.Body.Length}"));
        Assert.That(head.Headers["Content-Type"], Is.EqualTo("application/json"));
    }

    /// <summary>RFC 9110, 15.5.6: 405 says which methods there are.</summary>
    [TestCase("PUT", "/v2/models/model/infer", "POST")]
    [TestCase("GET", "/v2/models/model/infer", "POST")]
    [TestCase("OPTIONS", "/v2/models/model/infer", "POST")]
    [TestCase("DELETE", "/v1/models/model:predict", "GET, HEAD, POST")]
    [TestCase("POST", "/v2/health/ready", "GET, HEAD")]
    [TestCase("PATCH", "/", "GET, HEAD")]
    public async Task A_method_that_a_path_does_not_take_is_405_with_those_that_it_takes(string method, string path, string allow)
    {
        var reply = await _server.SendAsync(new(new HttpMethod(method), path));
        Assert.That((reply.Status, reply.Headers["Allow"].Replace(",", ", ", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal)), Is.EqualTo((405, allow)));
        Assert.That(reply.Error, Does.Contain(method));
    }

    [Test]
    public async Task KServes_V1_clients_find_the_server_alive()
    {
        var reply = await _server.GetAsync("/");
        Assert.That(reply.Text, Is.EqualTo("""{"status":"alive"}"""));
    }

    /// <summary>RFC 9110, 8.4.1: codings are compared without regard to case; 12.5.3: "identity" is no coding at all. 8.3: a type is a hint.</summary>
    [TestCase(null, "application/json")]
    [TestCase("identity", "application/json")]
    [TestCase("Identity", "application/json")]
    [TestCase("", "application/json")]
    [TestCase("identity, identity", "application/json")]
    [TestCase(null, null)]
    [TestCase(null, "text/plain")]
    [TestCase(null, "application/json; charset=utf-8")]
    [TestCase(null, "APPLICATION/JSON")]
    [TestCase(null, "application/x-www-form-urlencoded")]
    [TestCase(null, "application/octet-stream")]
    public async Task A_body_as_it_is_is_taken_whatever_it_is_called(string? encoding, string? type)
    {
        foreach (var (path, body) in new[] { ("/v2/models/model/infer", Good), ("/v1/models/model:predict", """{"instances":[[1,2,3]]}""") })
        {
            var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type);
            if (encoding is not null) content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
            var reply = await _server.SendAsync(new(HttpMethod.Post, path) { Content = content });
            Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        }
    }

    /// <summary>RFC 8259, 8.1.</summary>
    [TestCase("/v2/models/model/infer", Good)]
    [TestCase("/v1/models/model:predict", """{"instances":[[1,2,3]]}""")]
    public async Task A_byte_order_mark_is_passed_over(string path, string body) =>
        Assert.That((await _server.PostAsync(path, [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(body)], "application/json")).Status, Is.EqualTo(200));

    [Test]
    public async Task Text_in_another_encoding_is_refused_as_JSON_says()
    {
        var reply = await _server.PostAsync("/v2/models/model/infer", Encoding.Unicode.GetBytes(Good), "application/json; charset=utf-16");
        Assert.That(reply.Status, Is.EqualTo(400));
        Assert.That(reply.Error, Does.Contain("no valid JSON"));
    }

    /// <summary>
    /// $inference_request, $request_input, $request_output and $parameters of the protocol (rest_predict_v2.yaml): all that is optional is
    /// left out, is null, as clients write what they do not set, and is given; what is not known is read over.
    /// </summary>
    [TestCase("id", null, "null", "\"a\"")]
    [TestCase("parameters", null, "null", "{}")]
    [TestCase("parameters", null, """{"a":null}""", """{"a":"b","c":1,"d":1.5,"e":true}""")]
    [TestCase("parameters", null, """{"binary_data_output":null}""", """{"binary_data_output":false}""")]
    [TestCase("outputs", null, "null", "[]")]
    [TestCase("outputs", null, """[{"name":"x","parameters":null}]""", """[{"name":"x","parameters":{}}]""")]
    [TestCase("outputs", null, """[{"name":"x","parameters":{"binary_data":null,"classification":null}}]""", """[{"name":"x","parameters":{"binary_data":false}}]""")]
    [TestCase("model_name", null, "null", "\"model\"")]
    [TestCase("something", null, "null", """{"else":[1,{"more":2}]}""")]
    public async Task What_is_optional_in_a_request_may_be_left_out_null_or_given(string field, params string?[] values)
    {
        foreach (var value in values)
        {
            var reply = await _server.InferAsync(value is null ? Good : $"{Good[..^1]},\"{field}\":{value}}}");
            Assert.That(reply.Status, Is.EqualTo(200), $"{field}: {value}: {reply.Text}");
            Assert.That(reply.Json["outputs"]![0]!["data"]!.ToJsonString(), Is.EqualTo("[1,2,3]"));
            Assert.That((string?)reply.Json["id"], Is.EqualTo(field == "id" && value == "\"a\"" ? "a" : null));
        }
    }

    [TestCase("parameters", null, "null", "{}")]
    [TestCase("parameters", null, """{"binary_data_size":null}""", """{"content_type":"np","headers":null}""")]
    [TestCase("something", null, "null", "7")]
    public async Task What_is_optional_in_an_input_may_be_left_out_null_or_given(string field, params string?[] values)
    {
        foreach (var value in values)
        {
            foreach (var body in new[] { $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3],"{{field}}":{{value ?? "null"}}}]}""", $$"""{"inputs":[{"{{field}}":{{value ?? "null"}},"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""" })
                Assert.That((await _server.InferAsync(body)).Status, Is.EqualTo(200), body);
        }
    }

    [Test]
    public async Task Data_that_are_null_next_to_binary_data_are_left_out()
    {
        var head = """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":null,"parameters":{"binary_data_size":12}}]}""";
        var reply = await _server.PostAsync("/v2/models/model/infer", [.. Encoding.UTF8.GetBytes(head), .. new byte[12]], "application/octet-stream", ("Inference-Header-Content-Length", $"{head.Length}"));
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
    }

    [TestCase("""{"signature_name":null,"instances":[[1,2,3]]}""")]
    [TestCase("""{"inputs":null,"instances":[[1,2,3]]}""")]
    [TestCase("""{"instances":[[1,2,3]],"inputs":null,"parameters":null}""")]
    public async Task What_is_null_in_a_request_of_V1_is_left_out(string body)
    {
        var reply = await _server.PostAsync("/v1/models/model:predict", body);
        Assert.That((reply.Status, reply.Text), Is.EqualTo((200, """{"predictions":[[1,2,3]]}""")));
    }

    [Test]
    public async Task A_tensor_of_no_values_is_answered_with_one()
    {
        var json = await _server.InferAsync("""{"inputs":[{"name":"x","datatype":"FP32","shape":[0,3],"data":[]}]}""");
        Assert.That(json.Status, Is.EqualTo(200), json.Text);
        Assert.That(json.Json["outputs"]![0]!["shape"]!.ToJsonString(), Is.EqualTo("[0,3]"));
        Assert.That(json.Json["outputs"]![0]!["data"]!.ToJsonString(), Is.EqualTo("[]"));
        var rpc = await _server.Grpc.ModelInferAsync(new()
        {
            ModelName = "model",
            Inputs = { new Trainer.Serving.Rpc.Wire.ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32", Shape = { 0, 3 }, Contents = new() } },
        });
        Assert.That(rpc.Outputs.Single().Shape, Is.EqualTo(new long[] { 0, 3 }));
    }

    [Test]
    public async Task Metrics_are_on_a_port_of_their_own_and_on_no_other()
    {
        Assert.That((await _server.GetAsync("/metrics")).Status, Is.EqualTo(404));
        using var http2 = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var overGrpc = await http2.GetAsync(new Uri(_server.GrpcAddress, "/metrics"));
        Assert.That(overGrpc.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await _server.MetricsAsync(), Has.Some.StartsWith("aidc_server_requests_total"));
        foreach (var path in new[] { "/", "/v2/health/ready", "/v2/models/model" })
            Assert.That((await _server.GetAsync(new Uri(_server.MetricsAddress, path).ToString())).Status, Is.EqualTo(404), path);
    }

    [TestCase("")]
    [TestCase("model")]
    [TestCase("inference.GRPCInferenceService")]
    public async Task GRPCs_own_health_protocol_is_answered(string service)
    {
        var health = new Health.HealthClient(_server.Channel);
        Assert.That((await health.CheckAsync(new() { Service = service })).Status, Is.EqualTo(HealthCheckResponse.Types.ServingStatus.Serving));
        var unknown = await Assert.ThrowsAsync<RpcException>(async () => await health.CheckAsync(new() { Service = service + "x" }));
        Assert.That(unknown!.StatusCode, Is.EqualTo(StatusCode.NotFound));
    }

    [Test]
    public async Task Who_watches_the_health_is_told_of_each_change()
    {
        await using var server = TestServer.Start(model: null);
        using var watch = new Health.HealthClient(server.Channel).Watch(new());
        Assert.That(await watch.ResponseStream.MoveNext(default));
        Assert.That(watch.ResponseStream.Current.Status, Is.EqualTo(HealthCheckResponse.Types.ServingStatus.NotServing));
        server.Open(FunctionModel.Doubling());
        Assert.That(await watch.ResponseStream.MoveNext(default));
        Assert.That(watch.ResponseStream.Current.Status, Is.EqualTo(HealthCheckResponse.Types.ServingStatus.Serving));
        var drained = server.DrainAsync();
        Assert.That(await watch.ResponseStream.MoveNext(default));
        Assert.That(watch.ResponseStream.Current.Status, Is.EqualTo(HealthCheckResponse.Types.ServingStatus.NotServing));
        Assert.That(await watch.ResponseStream.MoveNext(default), Is.False, "it does not end");
        await drained;
    }

    [Test]
    public async Task Reflection_tells_the_services_and_their_messages()
    {
        using var call = new ServerReflection.ServerReflectionClient(_server.Channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new() { ListServices = "" });
        Assert.That(await call.ResponseStream.MoveNext(default));
        Assert.That(call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name), Is.SupersetOf(new[] { "inference.GRPCInferenceService", "grpc.health.v1.Health" }));
        await call.RequestStream.WriteAsync(new() { FileContainingSymbol = "inference.GRPCInferenceService" });
        Assert.That(await call.ResponseStream.MoveNext(default));
        Assert.That(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto, Has.Count.GreaterThan(0));
        await call.RequestStream.CompleteAsync();
    }
}
