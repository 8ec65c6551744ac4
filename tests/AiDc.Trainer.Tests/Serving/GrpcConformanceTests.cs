using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Rpc.Wire;
using Google.Protobuf;
using Grpc.Core;
using Input = AiDc.Trainer.Serving.Rpc.Wire.ModelInferRequest.Types.InferInputTensor;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>The Open Inference Protocol v2 over gRPC, by a client generated from the protocol's definition: every method, every type, every error.</summary>
[TestFixture]
internal sealed class GrpcConformanceTests
{
    private static readonly Datatype[] Types = Enum.GetValues<Datatype>();

    private TestServer _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = TestServer.Start(FunctionModel.Identity([.. Types.Select(t => new TensorMetadata(t.NameOf(), t, [-1, 2]))]), o => o with { MaxBodyMebibytes = 1 });

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public async Task The_server_lives_is_ready_and_tells_what_it_is()
    {
        Assert.That((await _server.Grpc.ServerLiveAsync(new())).Live, Is.True);
        Assert.That((await _server.Grpc.ServerReadyAsync(new())).Ready, Is.True);
        var server = await _server.Grpc.ServerMetadataAsync(new());
        Assert.That(server.Name, Is.EqualTo("aidc"));
        Assert.That(server.Version, Is.Not.Empty);
        Assert.That(server.Extensions, Does.Contain("binary_tensor_data"));
    }

    [TestCase("")]
    [TestCase("2")]
    public async Task The_model_is_ready_and_tells_its_tensors(string version)
    {
        Assert.That((await _server.Grpc.ModelReadyAsync(new() { Name = "model", Version = version })).Ready, Is.True);
        var model = await _server.Grpc.ModelMetadataAsync(new() { Name = "model", Version = version });
        Assert.That((model.Name, model.Platform), Is.EqualTo(("model", "test_identity")));
        Assert.That(model.Versions, Is.EqualTo(new[] { "1", "2" }));
        Assert.That(model.Inputs.Select(i => i.Datatype), Is.EqualTo(Types.Select(t => t.NameOf())));
        Assert.That(model.Inputs.Select(i => i.Shape.ToArray()), Has.All.EqualTo(new long[] { -1, 2 }));
        Assert.That(model.Outputs, Has.Count.EqualTo(Types.Length));
    }

    [Test]
    public async Task Raw_tensors_of_every_type_come_back_raw()
    {
        var request = Raw();
        var response = await _server.Grpc.ModelInferAsync(request);
        Assert.That((response.ModelName, response.ModelVersion, response.Id), Is.EqualTo(("model", "1", "r-1")));
        Assert.That(response.Outputs.Select(o => (o.Name, o.Datatype)), Is.EqualTo(request.Inputs.Select(i => (i.Name, i.Datatype))));
        Assert.That(response.Outputs.Select(o => o.Shape.ToArray()), Has.All.EqualTo(new long[] { 1, 2 }));
        Assert.That(response.Outputs.Select(o => o.Contents), Has.All.Null);
        Assert.That(response.RawOutputContents, Is.EqualTo(request.RawInputContents));
    }

    [Test]
    public async Task Typed_tensors_of_every_type_that_has_them_come_back_typed()
    {
        await using var server = TestServer.Start(FunctionModel.Identity([.. TypedTypes.Select(t => new TensorMetadata(t.NameOf(), t, [-1, 2]))]));
        var request = Typed();
        var response = await server.Grpc.ModelInferAsync(request);
        Assert.That(response.RawOutputContents, Is.Empty);
        Assert.That(response.Outputs.Select(o => o.Contents), Is.EqualTo(request.Inputs.Select(i => i.Contents)));
    }

    [Test]
    public async Task Only_the_outputs_that_are_asked_for_come_in_that_order()
    {
        var request = Raw();
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "INT8" });
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "BYTES" });
        var response = await _server.Grpc.ModelInferAsync(request);
        Assert.That(response.Outputs.Select(o => o.Name), Is.EqualTo(new[] { "INT8", "BYTES" }));
        Assert.That(response.RawOutputContents, Has.Count.EqualTo(2));
    }

    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("a model that is not there", r => r.ModelName = "other", StatusCode.NotFound, "there is no model 'other'");
        yield return Case("a version that is not there", r => r.ModelVersion = "3", StatusCode.NotFound, "no version '3'");
        yield return Case("no inputs", r => { r.Inputs.Clear(); r.RawInputContents.Clear(); }, StatusCode.InvalidArgument, "'inputs' is empty");
        yield return Case("fewer raw contents than inputs", r => r.RawInputContents.RemoveAt(0), StatusCode.InvalidArgument, "there must be one for each");
        yield return Case("contents and raw contents", r => r.Inputs[0].Contents = new() { BoolContents = { true } }, StatusCode.InvalidArgument, "use one of them");
        yield return Case("no contents", r => r.RawInputContents.Clear(), StatusCode.InvalidArgument, "contents is missing");
        yield return Case("a type that is not there", r => r.Inputs[0].Datatype = "FP8", StatusCode.InvalidArgument, "there is no datatype 'FP8'");
        yield return Case("a name that is missing", r => r.Inputs[0].Name = "", StatusCode.InvalidArgument, "inputs[0].name is missing");
        yield return Case("a name that is not there", r => r.Inputs[0].Name = "y", StatusCode.InvalidArgument, "input 'y'");
        yield return Case("a name that is there twice", r => { r.Inputs.Add(r.Inputs[0].Clone()); r.RawInputContents.Add(r.RawInputContents[0]); }, StatusCode.InvalidArgument, "there twice");
        yield return Case("a shape of another size", r => r.Inputs[1].Shape[0] = 2, StatusCode.InvalidArgument, "2 bytes, but shape [2,2] of UINT8 takes 4");
        yield return Case("a dimension of 0", r => r.Inputs[1].Shape[0] = 0, StatusCode.InvalidArgument, "2 bytes, but shape [0,2] of UINT8 takes 0");
        yield return Case("a negative dimension", r => r.Inputs[1].Shape[0] = -1, StatusCode.InvalidArgument, "no value at all");
        yield return Case("a shape that overflows", r => { r.Inputs[1].Shape[0] = long.MaxValue; r.Inputs[1].Shape[1] = 2; }, StatusCode.InvalidArgument, "is too large");
        yield return Case("strings that are cut off", r => r.RawInputContents[^1] = ByteString.CopyFrom(9, 0, 0, 0, 1), StatusCode.InvalidArgument, "cut off");
        yield return Case("an output that is not there", r => r.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "z" }), StatusCode.InvalidArgument, "output 'z'");
        yield return Case("a message that is too large", r => r.Id = new string('i', 2 << 20), StatusCode.ResourceExhausted, "message");

        static TestCaseData Case(string what, Action<ModelInferRequest> change, StatusCode status, string reason) =>
            new TestCaseData(change, status, reason).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(Wrong))]
    public async Task A_wrong_request_gets_the_status_and_the_reason(Action<ModelInferRequest> change, StatusCode status, string reason)
    {
        var request = Raw();
        change(request);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await _server.Grpc.ModelInferAsync(request));
        Assert.That(error!.StatusCode, Is.EqualTo(status), error.Status.Detail);
        Assert.That(error.Status.Detail, Does.Contain(reason));
        Assert.That((await _server.Grpc.ModelInferAsync(Raw())).Outputs, Has.Count.EqualTo(Types.Length), "the next request");
    }

    [TestCase("INT8", 128)]
    [TestCase("INT16", 32768)]
    [TestCase("UINT8", 256)]
    [TestCase("UINT16", 65536)]
    public async Task A_value_that_does_not_fit_its_type_is_refused(string type, int value)
    {
        await using var server = TestServer.Start(FunctionModel.Identity(new TensorMetadata(type, Datatypes.Find(type)!.Value, [-1])));
        var input = new Input { Name = type, Datatype = type, Shape = { 1 }, Contents = new() };
        if (type[0] == 'U') input.Contents.UintContents.Add((uint)value);
        else input.Contents.IntContents.Add(value);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.ModelInferAsync(new() { ModelName = "model", Inputs = { input } }));
        Assert.That(error!.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(error.Status.Detail, Does.Contain($"{value} is no {type}"));
    }

    [Test]
    public async Task Metadata_of_what_is_not_there_is_not_found()
    {
        var model = await Assert.ThrowsAsync<RpcException>(async () => await _server.Grpc.ModelMetadataAsync(new() { Name = "other" }));
        Assert.That(model!.StatusCode, Is.EqualTo(StatusCode.NotFound));
        var version = await Assert.ThrowsAsync<RpcException>(async () => await _server.Grpc.ModelReadyAsync(new() { Name = "model", Version = "9" }));
        Assert.That(version!.StatusCode, Is.EqualTo(StatusCode.NotFound));
    }

    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF })]
    [TestCase(new byte[] { 0x0A, 0x7F })]
    public async Task Bytes_that_are_no_message_are_refused_with_their_reason(byte[] message)
    {
        var (code, text) = await RawCall("/inference.GRPCInferenceService/ModelInfer", message);
        Assert.That(code, Is.EqualTo($"{(int)StatusCode.InvalidArgument}"));
        Assert.That(text, Does.Contain("no ModelInferRequest"));
    }

    [TestCase("/inference.GRPCInferenceService/ModelExplain")]
    [TestCase("/inference.Other/ModelInfer")]
    public async Task A_method_that_is_not_there_is_unimplemented(string method) =>
        Assert.That((await RawCall(method, [])).Code, Is.EqualTo($"{(int)StatusCode.Unimplemented}"));

    [Test]
    public async Task Trailers_tell_the_length_of_the_queue()
    {
        using var call = _server.Grpc.ModelInferAsync(Raw());
        await call;
        Assert.That((await call.ResponseHeadersAsync).GetValue("aidc-queue"), Is.EqualTo("0"));
    }

    /// <summary>A call whose message is not made by protobuf.</summary>
    private async Task<(string Code, string Message)> RawCall(string method, byte[] message)
    {
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = _server.GrpcAddress };
        byte[] frame = [0, 0, 0, 0, (byte)message.Length, .. message];
        var request = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = new(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { ContentType = new("application/grpc") } },
        };
        request.Headers.TE.ParseAdd("trailers");
        using var response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        return (Header("grpc-status"), Header("grpc-message"));

        string Header(string name) => response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values) ? string.Join(",", values) : "";
    }

    private static Datatype[] TypedTypes => [.. Types.Except([Datatype.Fp16, Datatype.Bf16])];

    private static ModelInferRequest Raw()
    {
        var request = new ModelInferRequest { ModelName = "model", Id = "r-1" };
        foreach (var type in Types)
        {
            request.Inputs.Add(new Input { Name = type.NameOf(), Datatype = type.NameOf(), Shape = { 1, 2 } });
            byte[] data = type == Datatype.Bytes ? [0, 0, 0, 0, 2, 0, 0, 0, 0xFF, 0xFE] : [.. Enumerable.Range(1, 2 * type.SizeOf()).Select(i => (byte)(type == Datatype.Bool ? i % 2 : i))];
            request.RawInputContents.Add(ByteString.CopyFrom(data));
        }

        return request;
    }

    private static ModelInferRequest Typed()
    {
        var request = new ModelInferRequest { ModelName = "model" };
        foreach (var type in TypedTypes)
        {
            var contents = new InferTensorContents();
            switch (type)
            {
                case Datatype.Bool: contents.BoolContents.AddRange([true, false]); break;
                case Datatype.Int8: contents.IntContents.AddRange([sbyte.MinValue, sbyte.MaxValue]); break;
                case Datatype.Int16: contents.IntContents.AddRange([short.MinValue, short.MaxValue]); break;
                case Datatype.Int32: contents.IntContents.AddRange([int.MinValue, int.MaxValue]); break;
                case Datatype.Int64: contents.Int64Contents.AddRange([long.MinValue, long.MaxValue]); break;
                case Datatype.UInt8: contents.UintContents.AddRange([0, byte.MaxValue]); break;
                case Datatype.UInt16: contents.UintContents.AddRange([0, ushort.MaxValue]); break;
                case Datatype.UInt32: contents.UintContents.AddRange([0, uint.MaxValue]); break;
                case Datatype.UInt64: contents.Uint64Contents.AddRange([0, ulong.MaxValue]); break;
                case Datatype.Fp32: contents.Fp32Contents.AddRange([0.1f, float.MinValue]); break;
                case Datatype.Fp64: contents.Fp64Contents.AddRange([0.1, double.MaxValue]); break;
                default: contents.BytesContents.AddRange([ByteString.Empty, ByteString.CopyFrom(0xFF, 0xFE)]); break;
            }

            request.Inputs.Add(new Input { Name = type.NameOf(), Datatype = type.NameOf(), Shape = { 1, 2 }, Contents = contents });
        }

        return request;
    }
}
