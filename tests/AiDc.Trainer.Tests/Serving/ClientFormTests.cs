using System.Runtime.InteropServices;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Rpc.Wire;
using Google.Protobuf;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>
/// How the clients of others say what the protocol leaves open: tritonclient (http, grpc), KServe's SDK (REST, gRPC) and MLServer's codecs
/// were run against the server, and what they write that our own clients do not is here.
/// </summary>
internal sealed class ClientFormTests
{
    private static readonly Datatype[] Fractions = [Datatype.Fp16, Datatype.Fp32, Datatype.Fp64, Datatype.Bf16];

    /// <summary>KServe's SDK (orjson) and MLServer's NumpyCodec write NaN as null: a missing value of a table comes so.</summary>
    [Test]
    public async Task Null_among_fractions_is_NaN_and_an_error_among_all_else()
    {
        foreach (var type in Enum.GetValues<Datatype>())
        {
            await using var server = TestServer.Start(FunctionModel.Identity(new TensorMetadata("x", type, [-1, 2])));
            var one = type switch { Datatype.Bool => "true", Datatype.Bytes => "\"1\"", _ => "1" };
            var reply = await server.InferAsync($$"""{"inputs":[{"name":"x","datatype":"{{type.NameOf()}}","shape":[1,2],"data":[{{one}},null]}],"parameters":{"binary_data_output":true} }""");
            if (!Fractions.Contains(type))
            {
                Assert.That((reply.Status, reply.Error), Is.EqualTo((400, $"input 'x': value 1 is null, which is no {type.NameOf()}")));
                continue;
            }

            Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
            var data = reply.Body[int.Parse(reply.Headers["Inference-Header-Content-Length"], System.Globalization.CultureInfo.InvariantCulture)..];
            Assert.That(Doubles(type, data), Is.EqualTo(new[] { 1, double.NaN }), type.NameOf());
        }
    }

    [Test]
    public async Task Null_in_an_instance_of_V1_is_NaN_which_its_answer_cannot_say()
    {
        await using var counting = TestServer.Start(new FunctionModel(
            new("model", ["1"], "test", [new("x", Datatype.Fp32, [-1, 3])], [new("missing", Datatype.Int64, [-1])]),
            inputs => [Tensors.Of("missing", Datatype.Int64, [inputs[0].Shape[0]], [.. inputs[0].Floats().Chunk(3).Select(row => (long)row.Count(float.IsNaN))])]));
        var reply = await counting.PostAsync("/v1/models/model:predict", """{"instances":[[1,null,3],[1,2,3],[null,null,3]]}""");
        Assert.That(reply.Text, Is.EqualTo("""{"predictions":[1,0,2]}"""));
        await using var identity = TestServer.Start(FunctionModel.Identity(new TensorMetadata("x", Datatype.Fp32, [-1, 3])));
        var answer = await identity.PostAsync("/v1/models/model:predict", """{"instances":[[1,null,3]]}""");
        Assert.That((answer.Status, answer.Error), Is.EqualTo((400, "output 'x' has the value NaN, which is no JSON: ask for it as binary data")));
    }

    /// <summary>KServe's SDK: the size is there, the header is not, as there are no binary data.</summary>
    [Test]
    public async Task Binary_data_of_no_bytes_need_no_header()
    {
        await using var server = TestServer.Start(FunctionModel.Identity(new TensorMetadata("x", Datatype.Fp32, [-1, 3])));
        var reply = await server.InferAsync("""{"id":"k","model_name":"model","inputs":[{"name":"x","shape":[0,3],"datatype":"FP32","parameters":{"binary_data_size":0},"data":null}]}""");
        Assert.That((reply.Status, reply.Json["outputs"]![0]!["shape"]!.ToJsonString()), Is.EqualTo((200, "[0,3]")), reply.Text);
    }

    /// <summary>MLServer's converters set contents of no values where the values are raw.</summary>
    [Test]
    public async Task Contents_of_no_values_may_stand_next_to_raw_ones()
    {
        await using var server = TestServer.Start(FunctionModel.Identity(new TensorMetadata("x", Datatype.Fp32, [-1, 2])));
        var raw = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>([1.5f, -2]));
        var request = new ModelInferRequest { ModelName = "model", RawInputContents = { raw } };
        request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32", Shape = { 1, 2 }, Contents = new() });
        Assert.That((await server.Grpc.ModelInferAsync(request)).RawOutputContents, Is.EqualTo(new[] { raw }));
    }

    /// <summary>What tritonclient sends with options set: a sequence, a priority, a timeout, parameters of one's own. They are read over.</summary>
    [Test]
    public async Task Parameters_of_Triton_do_not_change_an_answer()
    {
        await using var server = TestServer.Start(FunctionModel.Identity(new TensorMetadata("x", Datatype.Fp32, [-1])));
        var reply = await server.InferAsync("""{"id":"t","parameters":{"sequence_id":3,"sequence_start":false,"sequence_end":false,"priority":1,"timeout":10000000,"own":"x"},"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[0.5]}],"outputs":[{"name":"x","parameters":{"binary_data":false}}]}""");
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        Assert.That(reply.Json["outputs"]!.ToJsonString(), Is.EqualTo("""[{"name":"x","datatype":"FP32","shape":[1],"data":[0.5]}]"""));
    }

    [Test]
    public async Task A_single_value_for_a_model_that_counts_samples_is_the_callers_fault()
    {
        await using var server = TestServer.Start(FunctionModel.Identity(new TensorMetadata("x", Datatype.Fp32, [])));
        var reply = await server.InferAsync("""{"inputs":[{"name":"x","shape":[],"datatype":"FP32","data":[0.5]}]}""");
        Assert.That((reply.Status, reply.Error), Is.EqualTo((400, "input 'x': it is a single value, but its first dimension counts samples. Send it as an array of one")));
    }

    private static double[] Doubles(Datatype type, byte[] data) => type switch
    {
        Datatype.Fp16 => [.. MemoryMarshal.Cast<byte, Half>(data).ToArray().Select(v => (double)v)],
        Datatype.Fp32 => [.. MemoryMarshal.Cast<byte, float>(data).ToArray().Select(v => (double)v)],
        Datatype.Fp64 => MemoryMarshal.Cast<byte, double>(data).ToArray(),
        _ => [.. MemoryMarshal.Cast<byte, ushort>(data).ToArray().Select(v => (double)BitConverter.UInt32BitsToSingle((uint)v << 16))],
    };
}
