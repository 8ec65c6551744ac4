using System.IO.Compression;
using System.Text;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Tests.Serving.Models;

/// <summary>What a model says of its outputs before anybody has asked it, and models that take few values.</summary>
internal sealed class ModelDescriptionTests : ServedModelFixture
{
    private static readonly long[] Open = [-1, -1];

    [Test]
    public void An_output_that_follows_two_open_dimensions_has_both_open()
    {
        using var model = Onnx(new OnnxFile().Input("x", OnnxFile.Float, -1, -2).Output("y", OnnxFile.Float, -1, -2).Node("Relu", ["x"], ["y"]));
        Assert.That(model.Metadata.Outputs.Single().Shape, Is.EqualTo(Open));
        Assert.That(model.Metadata.Batches, Is.True);
    }

    [Test]
    public void A_fixed_first_dimension_stays_and_an_open_second_one_is_open()
    {
        using var model = Onnx(new OnnxFile().Input("x", OnnxFile.Float, 1, -2).Output("y", OnnxFile.Float, 1, -2).Node("Relu", ["x"], ["y"]));
        Assert.That(model.Metadata.Outputs.Single().Shape, Is.EqualTo(new long[] { 1, -1 }));
        Assert.That(model.Metadata.Batches, Is.False);
    }

    [Test]
    public void An_output_whose_size_depends_on_values_is_open()
    {
        using var model = Onnx(new OnnxFile().Input("x", OnnxFile.Float, 2, 3).Output("y", OnnxFile.Int64, 2, -1).Node("NonZero", ["x"], ["y"]));
        Assert.That(model.Metadata.Outputs.Single().Shape, Is.EqualTo(new long[] { 2, -1 }));
        Assert.That(model.Run([Tensors.Floats("x", [2, 3], 0, 1, 0, 0, 0, 1)])[0].Shape, Is.EqualTo(new long[] { 2, 2 }));
    }

    [Test]
    public void What_a_file_does_not_declare_is_found_out()
    {
        using var model = Onnx(new OnnxFile().Input("x", OnnxFile.Float, -1, 3).Output("y", OnnxFile.Float, null).Node("Relu", ["x"], ["y"]));
        Assert.That(model.Metadata.Outputs.Single().Shape, Is.EqualTo(new long[] { -1, 3 }));
    }

    [Test]
    public void An_encoder_that_knows_its_categories_only_is_served_and_says_itself_what_it_does_not_know()
    {
        using var model = Onnx(new OnnxFile().Input("city", OnnxFile.String, -1, 1).Output("y", OnnxFile.Float, -1, 1, 2)
            .TextNode(OnnxFile.MachineLearning, "OneHotEncoder", ["city"], ["y"], ("cats_strings", new[] { "Berlin", "Paris" }), ("zeros", 0)));
        Assert.That(model.Metadata.Outputs.Single().Shape, Is.EqualTo(new long[] { -1, 1, 2 }));
        Assert.That(model.Run([StringTensor.Create("city", [1, 1], ["Berlin"])])[0].Floats(), Is.EqualTo(new float[] { 1, 0 }));
        Assert.That(() => model.Run([StringTensor.Create("city", [1, 1], ["Rome"])]), Throws.TypeOf<ModelFailureException>());
    }

    [Test]
    public void A_cast_from_text_and_a_division_of_whole_numbers_are_served()
    {
        using var cast = Onnx(new OnnxFile().Input("s", OnnxFile.String, 1, 2).Output("y", OnnxFile.Float, 1, 2).Node("Cast", ["s"], ["y"], ("to", OnnxFile.Float)));
        Assert.That(cast.Run([StringTensor.Create("s", [1, 2], ["1.5", "-2"])])[0].Floats(), Is.EqualTo(new[] { 1.5f, -2 }));
        using var scripted = Scripted("torch.clone(b)", "torch.floor_divide(torch.mul(b, 6), b)", new("a", Datatype.Fp32, [1, 2]), new("b", Datatype.Int64, [2]));
        Assert.That(scripted.Run([Tensors.Floats("a", [1, 2], 1, 2), Tensors.Of("b", Datatype.Int64, [2], 3L, 4)])[0].Data.ToArray(), Is.EqualTo(Tensors.Of("b", Datatype.Int64, [2], 6L, 6).Data.ToArray()));
    }

    [Test]
    public void Of_a_script_every_open_dimension_is_another_one_once()
    {
        using var model = Scripted("torch.clone(b)", "torch.clone(b)", new("a", Datatype.Fp32, [1, -1, 3, -1]), new("b", Datatype.Int64, [-1]));
        Assert.That(model.Metadata.Outputs.Select(o => o.Shape), Is.EqualTo(new long[][] { [-1], [1, -1, 3, -1], [1, -1, 3, -1] }));
    }

    [Test]
    public void Of_a_script_an_output_whose_size_depends_on_values_is_open()
    {
        using var model = Scripted("torch.clone(b)", "torch.nonzero(b)", new("a", Datatype.Fp32, [-1, 3]), new("b", Datatype.Int64, [-1]));
        Assert.That(model.Metadata.Outputs[0].Shape, Is.EqualTo(new long[] { -1, 1 }));
        Assert.That(model.Metadata.Batches, Is.False);
    }

    [Test]
    public void A_dimension_that_is_open_and_cannot_be_varied_leaves_what_depends_on_it_open()
    {
        // It takes 4 columns, which its declaration does not say; no size that is tried fits.
        using var model = Load(new ServedModelOptions(Script("fussy.pt"), ModelFormat.TorchScript, "m") { Inputs = [new("x", Datatype.Fp32, Open)] });
        Assert.That(model.Metadata.Outputs, Is.Empty);
        Assert.That(model.Run([Tensors.Floats("x", [1, 4], 1, 2, 3, 4)])[0].Floats(), Is.EqualTo(new float[] { 10, 10 }));
    }

    [Test]
    public void Tensors_of_no_values_go_through_models_of_both_kinds()
    {
        using var onnx = Onnx(new OnnxFile().Input("x", OnnxFile.Float, -1, 3).Output("y", OnnxFile.Float, -1, 3).Node("Relu", ["x"], ["y"]));
        Assert.That(onnx.Run([Tensors.Floats("x", [0, 3])])[0].Shape, Is.EqualTo(new long[] { 0, 3 }));
        using var texts = Onnx(new OnnxFile().Input("x", OnnxFile.String, -1).Output("y", OnnxFile.String, -1).Node("Identity", ["x"], ["y"]));
        Assert.That(texts.Run([StringTensor.Create("x", [0], (string[])[])])[0].Shape, Is.EqualTo(new long[] { 0 }));
        using var script = Load(Script("frozen.pt"), ModelFormat.TorchScript, new TensorMetadata("x", Datatype.Fp32, [-1, 4]));
        Assert.That(script.Run([Tensors.Floats("x", [0, 4])])[0].Shape, Is.EqualTo(new long[] { 0, 3 }));
        TestBundle.Write(Folder["bundle"]);
        using var bundle = Load(Folder["bundle"], ModelFormat.Aidc);
        var input = bundle.Metadata.Inputs[0];
        var outputs = bundle.Run([Tensors.Floats(input.Name, [0, .. input.Shape.Skip(1)])]);
        Assert.That(outputs.Select(o => o.Shape), Is.EqualTo(new long[][] { [0, bundle.Metadata.Classes!.Count], [0] }));
    }

    [Test]
    public void A_model_of_text_answers()
    {
        if (Locales.Present is null) Assert.Ignore("the locale en_US.UTF-8 is not on this machine: hack/setup.sh native makes it, and hack/dotnet.sh uses it");
        // Its own locale, and the one that is meant where it names none.
        foreach (var named in new[] { true, false })
        {
            using var model = Onnx(named ? Texts(("locale", Locales.Present)) : Texts());
            Assert.That(model.Run([StringTensor.Create("s", [3], ["Berlin", "GRÜN", "x"])])[0].Strings(), Is.EqualTo(new[] { "berlin", "grün", "x" }));
        }
    }

    [Test]
    public void A_model_of_text_whose_locale_is_missing_says_which_one_there_is_and_how_to_make_its_own()
    {
        Assert.That(
            () => Onnx(Texts(("locale", "xx_XX.none"))),
            Throws.TypeOf<InvalidFileException>().With.Message.Contains("xx_XX.none").And.Message.Contains("en_US.UTF-8").And.Message.Contains("localedef").And.Message.Not.Contains("opset"));
        var broken = Folder.Write("locale.onnx", [1, 2, 3]);
        Assert.That(() => Load(broken, ModelFormat.Onnx), Throws.TypeOf<InvalidFileException>().With.Message.Not.Contains("localedef"));
    }

    private static OnnxFile Texts(params (string, object)[] locale) => new OnnxFile().Input("s", OnnxFile.String, -1).Output("y", OnnxFile.String, -1)
        .TextNode("", "StringNormalizer", ["s"], ["y"], [("case_change_action", "LOWER"), ("is_case_sensitive", 0), .. locale]);

    private static string Script(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, "Serving", "Models", "Scripts", name);

    private IServedModel Onnx(OnnxFile file) => Load(Folder.Write("model.onnx", file.Bytes()), ModelFormat.Onnx);

    /// <summary>pair.pt with another expression in it.</summary>
    private IServedModel Scripted(string old, string expression, params TensorMetadata[] inputs)
    {
        var file = Folder["changed.pt"];
        using (var source = ZipFile.OpenRead(Script("pair.pt")))
        using (var target = ZipFile.Open(file, ZipArchiveMode.Create))
        {
            foreach (var entry in source.Entries)
            {
                using var content = new StreamReader(entry.Open(), Encoding.Latin1);
                using var copy = new StreamWriter(target.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open(), Encoding.Latin1);
                copy.Write(content.ReadToEnd().Replace(old, expression, StringComparison.Ordinal));
            }
        }

        return Load(file, ModelFormat.TorchScript, inputs);
    }
}

/// <summary>The locale that text models ask for.</summary>
internal static class Locales
{
    /// <summary>Null where it is not on this machine.</summary>
    public static string? Present { get; } =
        Folders().Any(f => Directory.Exists(Path.Combine(f, "en_US.utf8")) || Directory.Exists(Path.Combine(f, "en_US.UTF-8"))) || HasArchive() ? "en_US.UTF-8" : null;

    /// <summary>Where the C library looks.</summary>
    private static string[] Folders() => [.. (Environment.GetEnvironmentVariable("LOCPATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), "/usr/lib/locale"];

    private static bool HasArchive() => File.Exists("/usr/lib/locale/locale-archive") && File.ReadAllBytes("/usr/lib/locale/locale-archive").AsSpan().IndexOf("en_US.utf8"u8) >= 0;
}
