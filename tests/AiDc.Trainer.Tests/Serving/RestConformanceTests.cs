using System.Text;
using System.Text.Json.Nodes;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>The Open Inference Protocol v2 over REST, on the wire: every endpoint, every type.</summary>
[TestFixture]
internal sealed class RestConformanceTests
{
    private TestServer _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = TestServer.Start(FunctionModel.Identity([.. Enum.GetValues<Datatype>().Select(t => new TensorMetadata(t.NameOf(), t, [-1, 2]))]));

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public async Task The_server_tells_its_name_version_and_extensions()
    {
        var reply = await _server.GetAsync("/v2");
        Assert.That(reply.Status, Is.EqualTo(200));
        Assert.That(reply.Headers["Content-Type"], Is.EqualTo("application/json"));
        Assert.That((string)reply.Json["name"]!, Is.EqualTo("aidc"));
        Assert.That((string)reply.Json["version"]!, Is.Not.Empty);
        Assert.That(reply.Json["extensions"]!.AsArray().Select(e => (string)e!), Does.Contain("binary_tensor_data"));
    }

    [TestCase("/v2/health/live", """{"live":true}""")]
    [TestCase("/v2/health/ready", """{"ready":true}""")]
    [TestCase("/v2/models/model/ready", """{"name":"model","ready":true}""")]
    [TestCase("/v2/models/model/versions/2/ready", """{"name":"model","ready":true}""")]
    [TestCase("/v1/models", """{"models":["model"]}""")]
    [TestCase("/v1/models/model", """{"name":"model","ready":true}""")]
    public async Task Health_is_told(string path, string expected)
    {
        var reply = await _server.GetAsync(path);
        Assert.That(reply.Status, Is.EqualTo(200));
        Assert.That(reply.Text, Is.EqualTo(expected));
    }

    [TestCase("/v2/models/model")]
    [TestCase("/v2/models/model/versions/1")]
    public async Task The_model_tells_its_tensors(string path)
    {
        var reply = await _server.GetAsync(path);
        Assert.That(reply.Status, Is.EqualTo(200));
        Assert.That((string)reply.Json["name"]!, Is.EqualTo("model"));
        Assert.That(reply.Json["versions"]!.ToJsonString(), Is.EqualTo("""["1","2"]"""));
        Assert.That((string)reply.Json["platform"]!, Is.EqualTo("test_identity"));
        Assert.That(reply.Json["inputs"]!.AsArray(), Has.Count.EqualTo(14));
        Assert.That(reply.Json["outputs"]![0]!.ToJsonString(), Is.EqualTo("""{"name":"BOOL","datatype":"BOOL","shape":[-1,2]}"""));
    }

    [Test]
    public async Task Every_type_comes_back_as_it_was_sent()
    {
        var reply = await _server.InferAsync(Everything);
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        Assert.That((string)reply.Json["model_name"]!, Is.EqualTo("model"));
        Assert.That((string)reply.Json["model_version"]!, Is.EqualTo("1"));
        Assert.That((string)reply.Json["id"]!, Is.EqualTo("a-1"));
        Assert.That(reply.Json["outputs"]!.ToJsonString(), Is.EqualTo(JsonNode.Parse(Everything)!["inputs"]!.ToJsonString()));
    }

    [Test]
    public async Task Values_may_be_nested_and_come_before_the_shape()
    {
        var request = JsonNode.Parse(Everything)!;
        foreach (var input in request["inputs"]!.AsArray())
        {
            var data = input!["data"]!.AsArray();
            input.AsObject().Remove("data");
            input.AsObject().Insert(0, "data", new JsonArray(new JsonArray(data[0]!.DeepClone(), data[1]!.DeepClone())));
        }

        var reply = await _server.InferAsync(request.ToJsonString());
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        Assert.That(reply.Json["outputs"]!.ToJsonString(), Is.EqualTo(JsonNode.Parse(Everything)!["inputs"]!.ToJsonString()));
    }

    [Test]
    public async Task Only_the_outputs_that_are_asked_for_come_in_that_order()
    {
        var request = JsonNode.Parse(Everything)!;
        request["outputs"] = JsonNode.Parse("""[{"name":"INT8"},{"name":"FP32","parameters":{"unknown":1}}]""");
        var reply = await _server.InferAsync(request.ToJsonString());
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        Assert.That(reply.Json["outputs"]!.AsArray().Select(o => (string)o!["name"]!), Is.EqualTo(new[] { "INT8", "FP32" }));
    }

    [Test]
    public async Task A_request_without_an_id_is_answered_without_one()
    {
        var request = JsonNode.Parse(Everything)!;
        request.AsObject().Remove("id");
        var reply = await _server.InferAsync(request.ToJsonString());
        Assert.That(reply.Json["id"], Is.Null);
    }

    [Test]
    public async Task Tensors_go_and_come_as_binary_data_behind_the_JSON()
    {
        var (json, data) = AllBinary();
        json["parameters"] = JsonNode.Parse("""{"binary_data_output":true}""");
        var reply = await PostBinary(json, data);
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        Assert.That(reply.Headers["Content-Type"], Is.EqualTo("application/octet-stream"));
        var length = int.Parse(reply.Headers["Inference-Header-Content-Length"]);
        Assert.That(reply.Body[length..], Is.EqualTo(data));
        var outputs = JsonNode.Parse(reply.Body.AsSpan(0, length))!["outputs"]!.AsArray();
        Assert.That(outputs.Select(o => (int)o!["parameters"]!["binary_data_size"]!), Is.EqualTo(json["inputs"]!.AsArray().Select(i => (int)i!["parameters"]!["binary_data_size"]!)));
        Assert.That(outputs.Select(o => o!["data"]), Has.All.Null);
    }

    [Test]
    public async Task An_output_may_be_binary_while_others_are_not()
    {
        var request = JsonNode.Parse(Everything)!;
        request["outputs"] = JsonNode.Parse("""[{"name":"INT16","parameters":{"binary_data":true}},{"name":"UINT8"}]""");
        var reply = await _server.InferAsync(request.ToJsonString());
        var length = int.Parse(reply.Headers["Inference-Header-Content-Length"]);
        Assert.That(reply.Body[length..], Is.EqualTo(new byte[] { 0x00, 0x80, 0xFF, 0x7F }));
        var outputs = JsonNode.Parse(reply.Body.AsSpan(0, length))!["outputs"]!;
        Assert.That(outputs[0]!["data"], Is.Null);
        Assert.That(outputs[1]!["data"]!.ToJsonString(), Is.EqualTo("[0,255]"));
    }

    [Test]
    public async Task An_input_may_be_binary_while_others_are_not()
    {
        var request = JsonNode.Parse(Everything)!;
        var input = request["inputs"]!.AsArray().Single(i => (string)i!["name"]! == "FP16")!.AsObject();
        input.Remove("data");
        input["parameters"] = JsonNode.Parse("""{"binary_data_size":4}""");
        var reply = await PostBinary(request, [0x00, 0x3C, 0x00, 0xC0]);
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        Assert.That(reply.Json["outputs"]!.AsArray().Single(o => (string)o!["name"]! == "FP16")!["data"]!.ToJsonString(), Is.EqualTo("[1,-2]"));
    }

    [TestCase("GET", "/v2/nothing", 404, "there is no GET /v2/nothing")]
    [TestCase("GET", "/v2/models/other", 404, "this server has 'model'")]
    [TestCase("GET", "/v2/models/model/versions/3", 404, "it has '1', '2'")]
    [TestCase("GET", "/v2/models/other/ready", 404, "there is no model 'other'")]
    [TestCase("GET", "/v2/models/model/versions/3/ready", 404, "version '3'")]
    [TestCase("GET", "/v1/models/other", 404, "there is no model 'other'")]
    [TestCase("GET", "/v2/models/model/infer", 405, "it takes POST")]
    [TestCase("POST", "/v2/health/live", 405, "it takes GET")]
    [TestCase("POST", "/v2/models/other/infer", 404, "there is no model 'other'")]
    [TestCase("POST", "/v2/models/model/versions/3/infer", 404, "no version '3'")]
    [TestCase("POST", "/v1/models/other:predict", 404, "there is no model 'other'")]
    public async Task What_is_not_there_is_said_in_the_protocols_words(string method, string path, int status, string reason)
    {
        var reply = await _server.SendAsync(new(new(method), path));
        Assert.That(reply.Status, Is.EqualTo(status));
        Assert.That(reply.Headers["Content-Type"], Is.EqualTo("application/json"));
        Assert.That(reply.Error, Does.Contain(reason));
    }

    /// <summary>
    /// Each schema of the protocol that an answer has (open_inference_rest.yaml), field by field: name, kind, and ! where it is required.
    /// An array's items follow it.
    /// </summary>
    [TestCase("/v2", "name:string! version:string! extensions:array!")]
    [TestCase("/v2/models/model", "name:string! versions:array platform:string! inputs:array outputs:array properties:object")]
    [TestCase("/v2/models/model#inputs", "name:string! datatype:string! shape:array!")]
    [TestCase("/v2/models/model#outputs", "name:string! datatype:string! shape:array!")]
    [TestCase("/v2/models/model#properties", "classes:string!")]
    [TestCase("/v2/models/model/infer", "model_name:string! model_version:string id:string parameters:object outputs:array!")]
    [TestCase("/v2/models/model/infer#outputs", "name:string! shape:array! datatype:string! parameters:object data:array!")]
    [TestCase("/v2/models/other", "error:string!")]
    [TestCase("/v2/models/other/infer", "error:string!")]
    public async Task An_answer_has_the_fields_of_its_schema_and_no_others(string place, string schema)
    {
        await using var server = TestServer.Start(new FunctionModel(
            new("model", ["1"], "test", [new("x", Datatype.Fp32, [-1, 2])], [new("x", Datatype.Fp32, [-1, 2])]) { Classes = ["cat", "dog"] }, inputs => inputs));
        var (path, part) = place.Split('#') is [var p, var q] ? (p, q) : (place, null);
        var reply = path.EndsWith("/infer", StringComparison.Ordinal)
            ? await server.PostAsync(path, """{"id":"a","inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}""")
            : await server.GetAsync(path);
        var whole = part is null ? reply.Json : reply.Json[part]!;
        foreach (var item in whole is JsonArray array ? array.Select(i => i!.AsObject()) : [whole.AsObject()])
        {
            var fields = schema.Split(' ').Select(f => f.Split(':')).ToDictionary(f => f[0], f => (Kind: f[1].TrimEnd('!'), Required: f[1].EndsWith('!')));
            Assert.That(item.Select(m => m.Key), Is.SubsetOf(fields.Keys), reply.Text);
            Assert.That(fields.Where(f => f.Value.Required).Select(f => f.Key), Is.SubsetOf(item.Select(m => m.Key)), reply.Text);
            foreach (var (name, value) in item) Assert.That(value!.GetValueKind().ToString().ToLowerInvariant(), Is.EqualTo(fields[name].Kind), name);
        }
    }

    [Test]
    public async Task Every_response_tells_the_length_of_the_queue()
    {
        Assert.That((await _server.GetAsync("/v2/health/live")).Headers["aidc-queue"], Is.EqualTo("0"));
        Assert.That((await _server.InferAsync(Everything)).Headers["aidc-queue"], Is.EqualTo("0"));
        Assert.That((await _server.InferAsync("{}")).Headers["aidc-queue"], Is.EqualTo("0"));
    }

    /// <summary>The ends of each type's range, as far as JSON and the type go.</summary>
    internal const string Everything = """
        {"id":"a-1","parameters":{"flag":true,"number":1.5,"text":"t"},"inputs":[
        {"name":"BOOL","datatype":"BOOL","shape":[1,2],"data":[true,false]},
        {"name":"UINT8","datatype":"UINT8","shape":[1,2],"data":[0,255]},
        {"name":"UINT16","datatype":"UINT16","shape":[1,2],"data":[0,65535]},
        {"name":"UINT32","datatype":"UINT32","shape":[1,2],"data":[0,4294967295]},
        {"name":"UINT64","datatype":"UINT64","shape":[1,2],"data":[0,18446744073709551615]},
        {"name":"INT8","datatype":"INT8","shape":[1,2],"data":[-128,127]},
        {"name":"INT16","datatype":"INT16","shape":[1,2],"data":[-32768,32767]},
        {"name":"INT32","datatype":"INT32","shape":[1,2],"data":[-2147483648,2147483647]},
        {"name":"INT64","datatype":"INT64","shape":[1,2],"data":[-9223372036854775808,9223372036854775807]},
        {"name":"FP16","datatype":"FP16","shape":[1,2],"data":[0.5,-65504]},
        {"name":"FP32","datatype":"FP32","shape":[1,2],"data":[0.1,-3.4028235E+38]},
        {"name":"FP64","datatype":"FP64","shape":[1,2],"data":[0.1,-1.7976931348623157E+308]},
        {"name":"BF16","datatype":"BF16","shape":[1,2],"data":[1.5,-0.0078125]},
        {"name":"BYTES","datatype":"BYTES","shape":[1,2],"data":["","grüße"]}]}
        """;

    private static (JsonNode Json, byte[] Data) AllBinary()
    {
        var json = JsonNode.Parse(Everything)!;
        var data = new List<byte>();
        foreach (var input in json["inputs"]!.AsArray())
        {
            var type = Datatypes.Find((string)input!["datatype"]!)!.Value;
            byte[] bytes = type == Datatype.Bytes ? [0, 0, 0, 0, 2, 0, 0, 0, 0xFF, 0xFE] : [.. Enumerable.Range(0, 2 * type.SizeOf()).Select(i => (byte)(type == Datatype.Bool ? i % 2 : i))];
            data.AddRange(bytes);
            input.AsObject().Remove("data");
            input["parameters"] = new JsonObject { ["binary_data_size"] = bytes.Length };
        }

        return (json, [.. data]);
    }

    private Task<TestServer.Reply> PostBinary(JsonNode json, byte[] data)
    {
        var head = Encoding.UTF8.GetBytes(json.ToJsonString());
        return _server.PostAsync("/v2/models/model/infer", [.. head, .. data], "application/octet-stream", ("Inference-Header-Content-Length", $"{head.Length}"));
    }
}
