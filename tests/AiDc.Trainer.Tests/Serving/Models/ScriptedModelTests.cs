using System.IO.Compression;
using System.Text;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Tests.Serving.Models;

/// <summary>Files that Python wrote, see Scripts/make.py.</summary>
internal sealed class ScriptedModelTests : ServedModelFixture
{
    private static readonly TensorMetadata Four = new("x", Datatype.Fp32, [-1, 4]);

    private static string Script(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, "Serving", "Models", "Scripts", name);

    [TestCase("training.pt")]
    [TestCase("frozen.pt")]
    public void A_module_computes_in_evaluation_mode_whatever_it_was_saved_in(string file)
    {
        using var model = Load(Script(file), ModelFormat.TorchScript, Four);
        var outputs = model.Run([Tensors.Floats("x", [2, 4], 1, 1, 1, 1, 0, 0, 0, 1)]);
        Assert.That(outputs.Named("output0").Floats(), Is.EqualTo(new float[] { 4, 9, 14, 1, 3, 5 }));
        Assert.That(model.Metadata.Platform, Is.EqualTo("pytorch_torchscript"));
        Assert.That(model.Metadata.Outputs.Single().Shape, Is.EqualTo(new long[] { -1, 3 }));
        Assert.That(model.Metadata.Outputs.Single().Datatype, Is.EqualTo(Datatype.Fp32));
        Assert.That(model.Metadata.Batches, Is.True);
        Assert.That(model.Images, Is.Null);
    }

    [TestCase(Datatype.Bool)]
    [TestCase(Datatype.UInt8)]
    [TestCase(Datatype.Int8)]
    [TestCase(Datatype.Int16)]
    [TestCase(Datatype.Int32)]
    [TestCase(Datatype.Int64)]
    [TestCase(Datatype.Fp16)]
    [TestCase(Datatype.Bf16)]
    [TestCase(Datatype.Fp32)]
    [TestCase(Datatype.Fp64)]
    public void Tensors_of_every_type_that_torch_has_go_in_and_come_out_bit_by_bit(Datatype type)
    {
        using var model = Load(Script("pair.pt"), ModelFormat.TorchScript, new("a", type, [-1, 3]), new("b", Datatype.Int64, [-1]));
        var (a, b) = (Tensors.Counting("a", type, 2, 3), Tensors.Counting("b", Datatype.Int64, 2));
        var outputs = model.Run([b, a]);
        Assert.That(outputs.Select(o => o.Datatype), Is.EqualTo(new[] { Datatype.Int64, type, type }));
        Assert.That(outputs[0].Data.ToArray(), Is.EqualTo(b.Data.ToArray()));
        foreach (var output in outputs.Skip(1)) Assert.That(output.Data.ToArray(), Is.EqualTo(a.Data.ToArray()));
        Assert.That(outputs[1].Shape, Is.EqualTo(new long[] { 2, 3 }));
    }

    [TestCase(Datatype.UInt16)]
    [TestCase(Datatype.UInt32)]
    [TestCase(Datatype.UInt64)]
    [TestCase(Datatype.Bytes)]
    public void A_declaration_of_a_type_that_torch_has_not_is_refused(Datatype type) =>
        Assert.That(
            () => Load(Script("pair.pt"), ModelFormat.TorchScript, new TensorMetadata("a", type, [-1])),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("--input a:").And.Message.Contains("FP32"));

    [Test]
    public void Without_a_declaration_it_says_that_one_is_needed() =>
        Assert.That(() => Load(Script("frozen.pt"), ModelFormat.TorchScript), Throws.TypeOf<ConfigurationException>().With.Message.Contains("--input is missing"));

    [Test]
    public void A_declaration_that_the_module_does_not_take_is_found_when_it_is_loaded()
    {
        foreach (var (file, inputs) in new (string, TensorMetadata[])[]
        {
            ("frozen.pt", [Four with { Shape = [-1, 5] }]),
            ("frozen.pt", [Four, Four with { Name = "y" }]),
            ("fussy.pt", [Four with { Shape = [-1, 7] }]),
            ("fussy.pt", [Four with { Datatype = Datatype.Int32 }]),
        })
        {
            var error = Assert.Throws<ConfigurationException>(() => Load(Script(file), ModelFormat.TorchScript, inputs));
            Assert.That(error!.Message, Does.Contain(file).And.Contain("Correct --input").And.Contain("x:").And.Not.Contain("\n"));
        }
    }

    [Test]
    public void A_script_that_fails_says_why_in_one_line_and_goes_on()
    {
        using var model = Load(Script("fussy.pt"), ModelFormat.TorchScript, Four);
        var error = Assert.Throws<ModelFailureException>(() => model.Run([Tensors.Floats("x", [1, 4], 1, 2, 3, -4)]));
        Assert.That(error!.Message, Does.Contain("negative values are not for me").And.Not.Contain("\n"));
        Assert.That(model.Run([Tensors.Floats("x", [1, 4], 1, 2, 3, 4)])[0].Floats(), Is.EqualTo(new float[] { 10, 10 }));
    }

    [Test]
    public void An_output_that_does_not_count_samples_keeps_requests_apart()
    {
        using var model = Load(Script("total.pt"), ModelFormat.TorchScript, Four);
        Assert.That(model.Metadata.Batches, Is.False);
        Assert.That(model.Run([Tensors.Floats("x", [2, 4], 1, 1, 1, 1, 1, 1, 1, 1)])[0].Floats(), Is.EqualTo(new float[] { 8 }));
    }

    [Test]
    public void Results_that_are_no_tensors_are_refused_when_it_is_loaded() =>
        Assert.That(
            () => Load(Script("named.pt"), ModelFormat.TorchScript, Four),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("tuple or list of tensors"));

    [TestCase("optimized.pt", "optimize_for_inference")]
    [TestCase("weights.pt", "torch.save")]
    [TestCase("make.py", "no TorchScript file")]
    public void A_file_that_libtorch_cannot_load_is_refused_with_the_fix(string file, string problem)
    {
        var script = file == "make.py" ? Folder.Write("model.pt", "import torch"u8.ToArray()) : Script(file);
        Assert.That(
            () => Load(script, ModelFormat.TorchScript, Four),
            Throws.TypeOf<InvalidFileException>().With.Message.StartsWith(script).And.Message.Contains(problem).And.Message.Contains("torch.jit.save"));
    }

    [Test]
    public void An_operator_of_a_library_that_is_not_here_is_refused_by_name()
    {
        var file = Folder["boxes.pt"];
        using (var source = ZipFile.OpenRead(Script("pair.pt")))
        using (var target = ZipFile.Open(file, ZipArchiveMode.Create))
        {
            foreach (var entry in source.Entries)
            {
                using var content = new StreamReader(entry.Open(), Encoding.Latin1);
                using var copy = new StreamWriter(target.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open(), Encoding.Latin1);
                copy.Write(content.ReadToEnd().Replace("torch.clone(b)", "ops.torchvision.nms(b, b, 0.5)", StringComparison.Ordinal));
            }
        }

        Assert.That(() => Load(file, ModelFormat.TorchScript, Four), Throws.TypeOf<InvalidFileException>().With.Message.StartsWith(file).And.Message.Contains("torchvision::nms"));
    }

    [Test]
    public void A_damaged_file_is_an_error_and_not_the_end_of_the_process()
    {
        var whole = File.ReadAllBytes(Script("training.pt"));
        for (var at = 40; at < whole.Length; at += 197)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x55;
            var file = Folder.Write("damaged.pt", damaged);
            try
            {
                using var model = Load(file, ModelFormat.TorchScript, Four);
            }
            catch (TrainerException error)
            {
                Assert.That(error.Message, Does.StartWith(file));
            }

            Assert.That(() => Load(Folder.Write("cut.pt", whole[..at]), ModelFormat.TorchScript, Four), Throws.InstanceOf<TrainerException>());
        }
    }
}
