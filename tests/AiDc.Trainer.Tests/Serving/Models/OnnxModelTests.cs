using System.Runtime.InteropServices;
using AiDc.Trainer.Serving.Models;
using TorchSharp;

namespace AiDc.Trainer.Tests.Serving.Models;

internal sealed class OnnxModelTests : ServedModelFixture
{
    [TestCase(Datatype.Bool, OnnxFile.Bool)]
    [TestCase(Datatype.UInt8, OnnxFile.UInt8)]
    [TestCase(Datatype.UInt16, OnnxFile.UInt16)]
    [TestCase(Datatype.UInt32, OnnxFile.UInt32)]
    [TestCase(Datatype.UInt64, OnnxFile.UInt64)]
    [TestCase(Datatype.Int8, OnnxFile.Int8)]
    [TestCase(Datatype.Int16, OnnxFile.Int16)]
    [TestCase(Datatype.Int32, OnnxFile.Int32)]
    [TestCase(Datatype.Int64, OnnxFile.Int64)]
    [TestCase(Datatype.Fp16, OnnxFile.Float16)]
    [TestCase(Datatype.Fp32, OnnxFile.Float)]
    [TestCase(Datatype.Fp64, OnnxFile.Double)]
    [TestCase(Datatype.Bf16, OnnxFile.BFloat16)]
    [TestCase(Datatype.Bytes, OnnxFile.String)]
    public void Tensors_of_every_type_go_in_and_come_out_bit_by_bit(Datatype type, int onnx)
    {
        using var model = Load(new OnnxFile().Input("in", onnx, -1, 3).Output("out", onnx, -1, 3).Node("Identity", ["in"], ["out"]));
        var input = Tensors.Counting("in", type, 2, 3);
        var output = model.Run([input]).Single();
        Assert.That(output.Name, Is.EqualTo("out"));
        Assert.That(output.Datatype, Is.EqualTo(type));
        Assert.That(output.Shape, Is.EqualTo(new long[] { 2, 3 }));
        Assert.That(output.Data.ToArray(), Is.EqualTo(input.Data.ToArray()));
        Assert.That(model.Metadata.Inputs.Single().Datatype, Is.EqualTo(type));
    }

    [Test]
    public void It_computes_beside_libtorch_in_one_process()
    {
        using var model = Load(Product());
        Assert.That(model.Metadata.Platform, Is.EqualTo("onnxruntime_onnx"));
        Assert.That(model.Metadata.Outputs.Single().Shape, Is.EqualTo(new long[] { -1, 2 }));
        Assert.That(model.Metadata.Batches, Is.True);
        var random = new Random(1);
        var values = Enumerable.Range(0, 300).Select(_ => (float)random.NextDouble()).ToArray();
        Parallel.For(0, 20, _ =>
        {
            using var scope = torch.NewDisposeScope();
            var expected = torch.mm(torch.tensor(values, [100, 3]), torch.tensor(Weights, [3, 2]));
            lock (model)
                Assert.That(model.Run([Tensors.Floats("x", [100, 3], values)])[0].Floats(), Is.EqualTo(expected.data<float>().ToArray()).Within(1e-5f));
        });
    }

    [Test]
    public void A_batch_of_a_fixed_size_keeps_requests_apart()
    {
        using var model = Load(new OnnxFile().Input("in", OnnxFile.Float, 1, 3).Output("out", OnnxFile.Float, 1, 3).Node("Identity", ["in"], ["out"]));
        Assert.That(model.Metadata.Batches, Is.False);
        Assert.That(model.Run([Tensors.Floats("in", [1, 3], 1, 2, 3)])[0].Floats(), Is.EqualTo(new float[] { 1, 2, 3 }));
        Assert.That(() => model.Run([Tensors.Floats("in", [2, 3], 1, 2, 3, 4, 5, 6)]), Throws.TypeOf<ModelInputException>().With.Message.Contains("expected [1,3]"));
    }

    [Test]
    public void An_output_that_does_not_count_samples_keeps_requests_apart()
    {
        using var model = Load(new OnnxFile().Input("in", OnnxFile.Float, -1, 3).Output("out", OnnxFile.Float, -2).Node("Flatten", ["in"], ["flat"], ("axis", 0)).Node("Squeeze", ["flat"], ["out"]));
        Assert.That(model.Metadata.Batches, Is.False);
        Assert.That(model.Run([Tensors.Floats("in", [2, 3], 1, 2, 3, 4, 5, 6)])[0].Shape, Is.EqualTo(new long[] { 6 }));
    }

    [Test]
    public void A_boolean_that_is_neither_0_nor_1_and_strings_that_are_cut_off_are_refused()
    {
        using var flags = Load(new OnnxFile().Input("in", OnnxFile.Bool, -1).Output("out", OnnxFile.Bool, -1).Node("Identity", ["in"], ["out"]));
        Assert.That(() => flags.Run([new("in", Datatype.Bool, [2], new byte[] { 1, 2 })]), Throws.TypeOf<ModelInputException>().With.Message.Contains("'in'").And.Message.Contains("0 nor 1"));
        using var texts = Load(new OnnxFile().Input("in", OnnxFile.String, -1).Output("out", OnnxFile.String, -1).Node("Identity", ["in"], ["out"]));
        foreach (var (data, problem) in new (byte[], string)[] { ([5, 0, 0, 0, 65], "cut off"), ([255, 255, 255, 255], "cut off"), ([0, 0, 0], "cut off"), ([0, 0, 0, 0, 0, 0, 0, 0], "2 values") })
            Assert.That(() => texts.Run([new("in", Datatype.Bytes, [1], data)]), Throws.TypeOf<ModelInputException>().With.Message.Contains(problem));
    }

    [Test]
    public void A_model_that_fails_says_why_in_one_line_and_goes_on()
    {
        // Rows that are picked by number: there are three.
        var file = new OnnxFile().Input("row", OnnxFile.Int64, -1).Output("out", OnnxFile.Float, -1, 2)
            .Constant("w", OnnxFile.Float, [3, 2], MemoryMarshal.AsBytes(Weights.AsSpan()).ToArray()).Node("Gather", ["w", "row"], ["out"]);
        using var model = Load(file);
        var error = Assert.Throws<ModelFailureException>(() => model.Run([new("row", Datatype.Int64, [1], new byte[] { 9, 0, 0, 0, 0, 0, 0, 0 })]));
        Assert.That(error!.Message, Does.Contain("Gather").And.Not.Contain("\n"));
        Assert.That(model.Run([new("row", Datatype.Int64, [1], new byte[] { 1, 0, 0, 0, 0, 0, 0, 0 })])[0].Floats(), Is.EqualTo(new float[] { 3, 4 }));
    }

    [Test]
    public void Values_that_requests_cannot_carry_are_refused_when_it_is_loaded()
    {
        Assert.That(
            () => Load(new OnnxFile().Input("in", OnnxFile.Float, -1).SequenceOutput("several", OnnxFile.Float).Node("SequenceConstruct", ["in"], ["several"])),
            Throws.TypeOf<InvalidFileException>().With.Message.Contains("output several").And.Message.Contains("zipmap"));
    }

    [Test]
    public void A_file_that_cannot_be_loaded_is_refused_by_name()
    {
        foreach (var content in new[] { "no model"u8.ToArray(), [], Product().Bytes()[..^30], new OnnxFile().Input("in", OnnxFile.Float, -1).Output("out", OnnxFile.Float, -1).Node("NoSuchOperator", ["in"], ["out"]).Bytes() })
        {
            var file = Folder.Write("bad.onnx", content);
            Assert.That(() => Load(file, ModelFormat.Onnx), Throws.TypeOf<InvalidFileException>().With.Message.StartsWith(file).And.Message.Contains("ONNX Runtime").And.Message.Not.Contains("\n"));
        }
    }

    [Test]
    public void The_one_model_of_a_folder_is_found()
    {
        Folder.Write("models/readme.md", [1]);
        Assert.That(() => Load(Folder["models"], ModelFormat.Onnx), Throws.TypeOf<ConfigurationException>().With.Message.Contains("*.onnx").And.Message.Contains("readme.md"));
        Folder.Write("models/product.onnx", Product().Bytes());
        using (var model = Load(Folder["models"], ModelFormat.Onnx)) Assert.That(model.Run([Tensors.Floats("x", [1, 3], 1, 1, 1)])[0].Floats(), Is.EqualTo(new float[] { 9, 12 }));
        Folder.Write("models/other.onnx", Product().Bytes());
        Assert.That(() => Load(Folder["models"], ModelFormat.Onnx), Throws.TypeOf<ConfigurationException>().With.Message.Contains("other.onnx, product.onnx"));
    }

    private static readonly float[] Weights = [1, 2, 3, 4, 5, 6];

    private static OnnxFile Product() => new OnnxFile().Input("x", OnnxFile.Float, -1, 3).Output("y", OnnxFile.Float, -1, 2)
        .Constant("w", OnnxFile.Float, [3, 2], MemoryMarshal.AsBytes(Weights.AsSpan()).ToArray()).Node("MatMul", ["x", "w"], ["y"]);

    private IServedModel Load(OnnxFile file) => Load(Folder.Write("model.onnx", file.Bytes()), ModelFormat.Onnx);
}
