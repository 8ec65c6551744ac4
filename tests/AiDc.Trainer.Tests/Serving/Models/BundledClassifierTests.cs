using AiDc.Trainer.Data;
using AiDc.Trainer.Models;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Tests.Data;
using AiDc.Trainer.Tests.Training;
using SkiaSharp;
using TorchSharp;

namespace AiDc.Trainer.Tests.Serving.Models;

internal sealed class BundledClassifierTests : ServedModelFixture
{
    [Test]
    public void It_says_what_it_takes_and_gives()
    {
        TestBundle.Write(Folder["model"]);
        using var model = Load(Folder["model"], ModelFormat.Aidc);
        Assert.That(model.Metadata.Name, Is.EqualTo("m"));
        Assert.That(model.Metadata.Inputs.Single(), Is.EqualTo(new TensorMetadata("image", Datatype.Fp32, [-1, 1, 12, 12])).Using<TensorMetadata>(Same));
        Assert.That(model.Metadata.Outputs, Is.EqualTo(new TensorMetadata[] { new("logits", Datatype.Fp32, [-1, 3]), new("label", Datatype.Bytes, [-1]) }).Using<TensorMetadata>(Same));
        Assert.That(model.Metadata.Classes, Is.EqualTo(TestBundle.Classes));
        Assert.That(model.Metadata.Batches, Is.True);
    }

    [TestCase(1, "cnn", true)]
    [TestCase(5, "cnn", false)]
    [TestCase(33, "cifar-cnn", true)]
    public void It_computes_what_the_network_computes_in_evaluation_mode_and_names_the_class(int count, string network, bool batchNorm)
    {
        TestBundle.Write(Folder["model"], network: network, batchNorm: batchNorm);
        var data = ToyProblem.Images(count, 3);
        using var model = Load(Folder["model"], ModelFormat.Aidc);
        var input = Batch(data, model, Folder["model"]);
        var outputs = model.Run([input]);
        var expected = Direct(Folder["model"], input);
        Assert.That(outputs.Named("logits").Floats(), Is.EqualTo(expected).Within(1e-5f));
        Assert.That(outputs.Named("logits").Shape, Is.EqualTo(new long[] { count, 3 }));
        Assert.That(outputs.Named("label").Shape, Is.EqualTo(new long[] { count }));
        Assert.That(outputs.Named("label").Strings(), Is.EqualTo(expected.Chunk(3).Select(row => TestBundle.Classes[Array.IndexOf(row, row.Max())])));
        Assert.That(model.Run([input]).Named("logits").Data.ToArray(), Is.EqualTo(outputs.Named("logits").Data.ToArray()), "dropout is on, or a run changes the model");
    }

    [TestCase(1)]
    [TestCase(3)]
    public void An_image_that_is_sent_as_PNG_gives_the_bits_that_training_made_of_it(int channels)
    {
        var files = Enumerable.Range(0, 4).Select(i => Pictures.Png(12, 12, (x, y) => Pixel(channels, x, y, i))).ToArray();
        for (var i = 0; i < files.Length; i++) Folder.Write($"data/train/{TestBundle.Classes[i % 3]}/{i}.png", files[i]);
        var data = ImageDataReader.Read(Folder["data"], DataFormat.Folder, new() { Channels = channels }).Train;
        TestBundle.Write(Folder["model"], channels, normalization: Normalization.Of(data));
        using var model = Load(Folder["model"], ModelFormat.Aidc);

        using var loader = new BatchLoader(data, null, 1, ModelBundle.Read(Folder["model"]).Manifest.Normalization, 0, shuffle: false);
        var decoded = files.Select(f => model.Images!.Decode(f)).ToList();
        var seen = 0;
        foreach (var batch in loader.Epoch(0, 0))
        {
            var trained = new TensorValue("image", Datatype.Fp32, batch.Inputs.shape, batch.Inputs.bytes.ToArray());
            var sent = decoded.Single(d => d.Data.Span.SequenceEqual(trained.Data.Span));
            Assert.That(sent.Shape, Is.EqualTo(trained.Shape));
            Assert.That(model.Run([sent]).Named("logits").Data.ToArray(), Is.EqualTo(model.Run([trained]).Named("logits").Data.ToArray()));
            seen++;
        }

        Assert.That(seen, Is.EqualTo(4));
        Assert.That(decoded.Select(d => Convert.ToHexString(d.Data.Span)).Distinct().Count(), Is.EqualTo(4), "the images are all the same");
    }

    [Test]
    public void An_image_of_another_size_is_fitted_as_in_training_and_JPEG_is_read_too()
    {
        Folder.Write("data/train/cat/1.png", Pictures.Png(30, 17, (x, y) => new((byte)(x * 8), (byte)(x * 8), (byte)(x * 8))));
        Folder.Write("data/train/cat/2.jpg", Pictures.GreyJpeg(9, 40, 180));
        Folder.Write("data/train/dog/3.png", Pictures.GreyPng(12, 12, 90));
        var data = ImageDataReader.Read(Folder["data"], DataFormat.Folder, new() { ImageSize = 12, Channels = 1 }).Train;
        var normalization = Normalization.Of(data);
        TestBundle.Write(Folder["model"], normalization: normalization);
        using var model = Load(Folder["model"], ModelFormat.Aidc);
        var (scale, shift) = PixelNormalizer.Factors(normalization.Mean[0], normalization.Std[0]);
        foreach (var (name, i) in new[] { ("data/train/cat/1.png", 0), ("data/train/cat/2.jpg", 1) })
        {
            var expected = new float[144];
            PixelNormalizer.Apply(data.Image(i), expected, scale, shift);
            Assert.That(model.Images!.Decode(File.ReadAllBytes(Folder[name])).Floats(), Is.EqualTo(expected), name);
        }
    }

    [Test]
    public void What_is_no_image_or_too_large_is_refused_with_the_input_named()
    {
        TestBundle.Write(Folder["model"]);
        using var model = Load(Folder["model"], ModelFormat.Aidc);
        var png = Pictures.Png(12, 12, SKColors.Gray);
        foreach (var (content, problem) in new[] { ("hello"u8.ToArray(), "no image"), ([], "empty"), (png[..^20], "cut off"), (Pictures.GreyPng(5000, 4000, 0), "5000x4000") })
        {
            var error = Assert.Throws<ModelInputException>(() => model.Images!.Decode(content));
            Assert.That(error!.Message, Does.StartWith("input 'image': ").And.Contain(problem));
        }
    }

    [Test]
    public void Inputs_that_it_does_not_take_are_refused_by_name_and_it_goes_on()
    {
        TestBundle.Write(Folder["model"]);
        using var model = Load(Folder["model"], ModelFormat.Aidc);
        var good = Tensors.Counting("image", Datatype.Fp32, 2, 1, 12, 12);
        foreach (var (inputs, problem) in new (TensorValue[], string)[]
        {
            ([], "missing"),
            ([good, good], "twice"),
            ([good with { Name = "picture" }], "no such input"),
            ([good, good with { Name = "other" }], "no such input"),
            ([good with { Datatype = Datatype.Int32 }], "INT32, expected FP32"),
            ([good with { Shape = [2, 1, 12] }], "3 dimensions"),
            ([good with { Shape = [2, 1, 9, 16] }], "expected [-1,1,12,12]"),
            ([good with { Shape = [-2, 1, 12, 12] }], "no value"),
            ([good with { Shape = [long.MaxValue, 1, 12, 12] }], "too large"),
            ([good with { Data = good.Data[..^1] }], "bytes"),
        })
        {
            var error = Assert.Throws<ModelInputException>(() => model.Run(inputs));
            Assert.That(error!.Message, Does.Contain(problem));
            Assert.That(() => model.Check(inputs), Throws.TypeOf<ModelInputException>());
        }

        Assert.That(model.Run([good]).Named("logits").Shape, Is.EqualTo(new long[] { 2, 3 }));
    }

    [Test]
    public void A_thousand_runs_leave_no_tensor_behind()
    {
        TestBundle.Write(Folder["model"]);
        using var model = Load(Folder["model"], ModelFormat.Aidc);
        var input = Tensors.Counting("image", Datatype.Fp32, 1, 1, 12, 12);
        model.Run([input]);
        var before = torch.Tensor.TotalCount;
        for (var i = 0; i < 1000; i++) model.Run([input]);
        Assert.That(torch.Tensor.TotalCount, Is.EqualTo(before));
    }

    [Test]
    public void A_bundle_that_is_damaged_or_not_there_is_an_error_that_names_the_file()
    {
        Assert.That(() => Load(Folder["none"], ModelFormat.Aidc), Throws.TypeOf<ConfigurationException>().With.Message.Contains(Folder["none"]));
        Folder.Write("empty/readme.txt", [1]);
        Assert.That(() => Load(Folder["empty"], ModelFormat.Aidc), Throws.TypeOf<ConfigurationException>().With.Message.Contains("model.json").And.Message.Contains("readme.txt"));
        TestBundle.Write(Folder["model"]);
        File.AppendAllText(Folder["model/model.safetensors"], "x");
        Assert.That(() => Load(Folder["model"], ModelFormat.Aidc), Throws.TypeOf<InvalidFileException>().With.Message.Contains("model.safetensors"));
        Assert.That(() => Load(Folder["model"], ModelFormat.Aidc, new TensorMetadata("x", Datatype.Fp32, [-1])), Throws.TypeOf<ConfigurationException>().With.Message.Contains("--input"));
    }

    private static SKColor Pixel(int channels, int x, int y, int i)
    {
        var value = (byte)((x * 7 * (i + 1)) + (y * 13));
        return channels == 1 ? new(value, value, value) : new(value, (byte)(value * 3), (byte)(255 - value));
    }

    private static TensorValue Batch(ImageDataset data, IServedModel model, string folder)
    {
        var normalization = ModelBundle.Read(folder).Manifest.Normalization;
        var (scale, shift) = PixelNormalizer.Factors(normalization.Mean[0], normalization.Std[0]);
        var values = new float[data.Pixels.Length];
        PixelNormalizer.Apply(data.Pixels, values, scale, shift);
        return Tensors.Floats(model.Metadata.Inputs[0].Name, [data.Count, data.Channels, data.Height, data.Width], values);
    }

    private static float[] Direct(string folder, TensorValue input)
    {
        using var scope = torch.NewDisposeScope();
        using var network = BundledModel.Load(ModelBundle.Read(folder), folder, torch.CPU);
        using var noGrad = torch.no_grad();
        return network.call(torch.tensor(input.Floats(), input.Shape)).data<float>().ToArray();
    }

    private static bool Same(TensorMetadata a, TensorMetadata b) => a.Name == b.Name && a.Datatype == b.Datatype && a.Shape.SequenceEqual(b.Shape);
}
