using System.Text;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>Every way in which a REST request can be wrong gets the protocol's error with its reason, and harms nobody else.</summary>
[TestFixture]
internal sealed class RestErrorTests
{
    private const string Good = """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""";

    private TestServer _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = TestServer.Start(
        FunctionModel.Identity(new TensorMetadata("x", Datatype.Fp32, [-1, 3])), o => o with { MaxBodyMebibytes = 1 });

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [TearDown]
    public async Task A_good_request_is_still_answered() => Assert.That((await _server.InferAsync(Good)).Status, Is.EqualTo(200));

    [TestCase("", "the body is empty")]
    [TestCase("   ", "no valid JSON")]
    [TestCase("{", "no valid JSON")]
    [TestCase("nonsense", "no valid JSON")]
    [TestCase("[]", "the request must be an object")]
    [TestCase("{}", "'inputs' is missing")]
    [TestCase("""{"inputs":[]}""", "'inputs' is empty")]
    [TestCase("""{"inputs":{}}""", "inputs must be an array")]
    [TestCase("""{"inputs":[1]}""", "inputs[0] must be an object")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],"id":7}""", "id must be a string")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]} {}""", "no valid JSON")]
    [TestCase("""{"inputs":[{"datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""", "inputs[0].name is missing")]
    [TestCase("""{"inputs":[{"name":"x","shape":[1,3],"data":[1,2,3]}]}""", "datatype is missing")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","data":[1,2,3]}]}""", "shape is missing")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3]}]}""", "data is missing")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP33","shape":[1,3],"data":[1,2,3]}]}""", "there is no 'FP33'")]
    [TestCase("""{"inputs":[{"name":"x","datatype":32,"shape":[1,3],"data":[1,2,3]}]}""", "datatype must be a string")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"INT64","shape":[1,3],"data":[1,2,3]}]}""", "input 'x'")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[1,2,3,4]}]}""", "input 'x'")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[3],"data":[1,2,3]}]}""", "input 'x'")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[0,3],"data":[1]}]}""", "more than the 0 values")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,0],"data":[]}]}""", "expected [-1,3]")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[0,9223372036854775807],"data":[]}]}""", "more values than a request can hold")]
    [TestCase("""{"inputs":null}""", "inputs must be an array")]
    [TestCase("""{"inputs":[{"name":null,"datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""", "inputs[0].name must be a string")]
    [TestCase("""{"inputs":[{"name":"x","datatype":null,"shape":[1,3],"data":[1,2,3]}]}""", "datatype must be a string")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":null,"data":[1,2,3]}]}""", "inputs[0].shape must be an array")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":null}]}""", "data is missing")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,3],"data":[]}]}""", "shape")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1.5,3],"data":[]}]}""", "shape")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[9223372036854775807,9223372036854775807],"data":[]}]}""", "more values than a request can hold")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[4294967296,4294967296],"data":[1]}]}""", "more values than a request can hold")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[100000000,3],"data":[1]}]}""", "data has 1 values")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2]}]}""", "data has 2 values, but the shape [1, 3] has 3")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3,4]}]}""", "more than the 3 values")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[[1,2],[3]]}]}""", "of one length")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,[2,3]]}]}""", "side by side")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,"2",3]}]}""", "value 1 is a string, which is no FP32")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,1e39]}]}""", "value 2 is 1e39, which is no FP32")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,{},3]}]}""", "an object")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":7}]}""", "data must be an array")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,NaN,3]}]}""", "NaN and Infinity are no JSON")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[-Infinity,2,3]}]}""", "NaN and Infinity are no JSON")]
    [TestCase("""{"inputs":[{"name":"y","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""", "input 'y'")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]},{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""", "there twice")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],"outputs":[{"name":"z"}]}""", "output 'z': the model has no such output; it has 'x'")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],"outputs":[{}]}""", "outputs[0].name is missing")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],"outputs":7}""", "outputs must be an array")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],"parameters":{"a":[1]}}""", "parameters.a must be")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],"parameters":{"binary_data_output":"yes"}}""", "true or false")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":12}}]}""", "bytes of binary data are left")]
    [TestCase("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3],"parameters":{"binary_data_size":12}}]}""", "use one of them")]
    [TestCase("""{"inputs":[{"name":"x\uD800","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""", "no valid JSON")]
    public async Task A_wrong_body_is_refused_with_its_reason(string body, string reason)
    {
        var reply = await _server.InferAsync(body);
        Assert.That(reply.Status, Is.EqualTo(400), reply.Text);
        Assert.That(reply.Error, Does.Contain(reason));
    }

    [TestCase("", "missing an array")]
    [TestCase("{}", "'instances' is missing")]
    [TestCase("""{"instances":[]}""", "'instances' is empty")]
    [TestCase("""{"instances":7}""", "must be an array")]
    [TestCase("""{"instances":[[1,2]]}""", "input 'x'")]
    [TestCase("""{"instances":[[1,2,3],[1,2]]}""", "all must be alike")]
    [TestCase("""{"instances":[{"x":[1,2,3],"x":[1,2,3]}]}""", "twice")]
    [TestCase("""{"instances":[{"x":[1,2,3],"y":1}]}""", "no input 'y'")]
    [TestCase("""{"instances":[{"y":1}]}""", "an object")]
    [TestCase("""{"instances":[["a","b","c"]]}""", "no FP32")]
    [TestCase("""{"instances":[[1,2,NaN]]}""", "NaN and Infinity")]
    public async Task A_wrong_body_of_V1_is_refused_with_its_reason(string body, string reason)
    {
        var reply = await _server.PostAsync("/v1/models/model:predict", body);
        Assert.That(reply.Status, Is.EqualTo(400), reply.Text);
        Assert.That(reply.Error, body.Length == 0 ? Does.Contain("the body is empty") : Does.Contain(reason));
    }

    [TestCase(13, "bytes of binary data are left")]
    [TestCase(11, "11 bytes, but shape [1,3] of FP32 takes 12")]
    [TestCase(8, "8 bytes, but shape")]
    public async Task Binary_data_of_another_size_is_refused(int size, string reason)
    {
        var head = Encoding.UTF8.GetBytes($$$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":{{{size}}}}}]}""");
        var reply = await Post([.. head, .. new byte[Math.Min(size, 12)]], $"{head.Length}");
        Assert.That(reply.Status, Is.EqualTo(400));
        Assert.That(reply.Error, Does.Contain(reason));
    }

    [TestCase("100000", "Inference-Header-Content-Length is 100000")]
    [TestCase("-1", "no number of bytes")]
    [TestCase("many", "no number of bytes")]
    public async Task A_wrong_length_of_the_JSON_is_refused(string length, string reason)
    {
        var reply = await Post(Encoding.UTF8.GetBytes(Good), length);
        Assert.That(reply.Status, Is.EqualTo(400));
        Assert.That(reply.Error, Does.Contain(reason));
    }

    [Test]
    public async Task Binary_data_that_belongs_to_no_input_is_refused()
    {
        var reply = await Post([.. Encoding.UTF8.GetBytes(Good), 1, 2, 3], $"{Good.Length}");
        Assert.That(reply.Status, Is.EqualTo(400));
        Assert.That(reply.Error, Does.Contain("3 bytes of binary data belong to no input"));
    }

    [Test]
    public async Task A_body_that_is_too_large_is_refused_whether_or_not_it_says_so()
    {
        var large = Encoding.UTF8.GetBytes(Good.PadRight(3 << 20));
        var told = await _server.PostAsync("/v2/models/model/infer", large, "application/json");
        Assert.That(told.Status, Is.EqualTo(413));
        Assert.That(told.Error, Does.Contain("1 MiB"));
        var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/model/infer") { Content = new StreamContent(new MemoryStream(large)) };
        request.Headers.TransferEncodingChunked = true;
        var untold = await _server.SendAsync(request);
        Assert.That(untold.Status, Is.EqualTo(413));
        Assert.That(untold.Error, Does.Contain("larger"));
    }

    [TestCase("image/png", null, "takes no images")]
    [TestCase("application/json", "gzip", "Content-Encoding gzip")]
    [TestCase("application/json", "identity, gzip", "Content-Encoding identity, gzip")]
    public async Task What_cannot_be_read_is_refused_with_415(string type, string? encoding, string reason)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/model/infer") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Good)) };
        request.Content.Headers.ContentType = new(type);
        if (encoding is not null) request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        var reply = await _server.SendAsync(request);
        Assert.That(reply.Status, Is.EqualTo(415));
        Assert.That(reply.Error, Does.Contain(reason));
    }

    [TestCase("soon")]
    [TestCase("-5")]
    public async Task A_deadline_that_is_no_number_is_refused(string deadline)
    {
        var reply = await _server.InferAsync(Good, ("aidc-timeout-ms", deadline));
        Assert.That(reply.Status, Is.EqualTo(400));
        Assert.That(reply.Error, Does.Contain("aidc-timeout-ms"));
    }

    [Test]
    public async Task NaN_from_binary_inputs_is_the_clients_in_JSON_and_comes_back_as_binary_data()
    {
        var head = """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":12}}]PARAMETERS}""";
        byte[] nan = [0, 0, 0xC0, 0x7F, 0, 0, 0, 0, 0, 0, 0, 0];
        var json = head.Replace("PARAMETERS", "", StringComparison.Ordinal);
        var reply = await Post([.. Encoding.UTF8.GetBytes(json), .. nan], $"{json.Length}");
        Assert.That(reply.Status, Is.EqualTo(400), reply.Text);
        Assert.That(reply.Error, Does.Contain("output 'x' has the value NaN"));
        json = head.Replace("PARAMETERS", ""","parameters":{"binary_data_output":true}""", StringComparison.Ordinal);
        reply = await Post([.. Encoding.UTF8.GetBytes(json), .. nan], $"{json.Length}");
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        Assert.That(reply.Body[^12..], Is.EqualTo(nan));
    }

    private Task<TestServer.Reply> Post(byte[] body, string jsonLength) =>
        _server.PostAsync("/v2/models/model/infer", body, "application/octet-stream", ("Inference-Header-Content-Length", jsonLength));
}
