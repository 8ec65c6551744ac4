using System.Text;
using System.Text.Json.Nodes;
using AiDc.Trainer.Data;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Serving;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Rpc.Wire;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Tests.Data;
using AiDc.Trainer.Tests.Training;
using Google.Protobuf;
using SkiaSharp;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>A model that was trained here, served here: every way to ask it gives the answer that the training measured.</summary>
[TestFixture]
internal sealed class TrainedModelTests : IAsyncDisposable
{
    private readonly RunFolder _folder = new();
    private TrainingResult _result = null!;
    private ImageDataset _images = null!;
    private TestServer _server = null!;

    [OneTimeSetUp]
    public void Train()
    {
        var options = _folder.Options("run", epochs: 4);
        _result = _folder.Run(options);
        _images = ImageDataReader.Read(_folder.Data, DataFormat.Idx, new(), progress: null, CancellationToken.None).Test!;
        using var storage = new StorageFolders(_ => null);
        var model = new ServedModelOptions(options.Output, ModelFormat.Aidc, "model") { Threads = 1 };
        _server = TestServer.Start(ServedModels.Load(model, storage, TimeProvider.System, _ => { }, CancellationToken.None), o => o with { MaxBatch = 8 });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Images_as_PNG_get_the_labels_whose_share_the_training_measured()
    {
        var right = 0;
        for (var i = 0; i < _images.Count; i++)
        {
            var reply = await _server.PostAsync("/v2/models/model/infer", Png(i), "image/png");
            Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
            if (Label(reply) == _images.Classes[(int)_images.Labels[i]]) right++;
        }

        Assert.That((double)right / _images.Count, Is.EqualTo(_result.Metrics["testAccuracy"]).Within(1e-6));
        Assert.That(right, Is.GreaterThan(_images.Count / 2), "it learnt nothing, and the comparison says little");
    }

    [Test]
    public async Task Every_protocol_gives_the_same_answer()
    {
        var image = await _server.PostAsync("/v2/models/model/infer", Png(3), "image/png");
        var logits = Logits(image);
        var pixels = Pixels(3);
        var rest = await _server.InferAsync(new JsonObject
        {
            ["inputs"] = new JsonArray(new JsonObject
            {
                ["name"] = "image",
                ["datatype"] = "FP32",
                ["shape"] = new JsonArray(1, 1, ToyProblem.Side, ToyProblem.Side),
                ["data"] = new JsonArray([.. pixels.Select(p => (JsonNode)p)]),
            }),
        }.ToJsonString());
        Assert.That(Logits(rest), Is.EqualTo(logits).Within(1e-5), rest.Text);
        var rpc = await _server.Grpc.ModelInferAsync(new()
        {
            ModelName = "model",
            Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "image", Datatype = "FP32", Shape = { 1, 1, ToyProblem.Side, ToyProblem.Side } } },
            RawInputContents = { ByteString.CopyFrom(Tensors.Floats("image", [], pixels).Data.Span) },
        });
        Assert.That(Tensors.Floats(rpc.RawOutputContents[0].ToByteArray()), Is.EqualTo(logits).Within(1e-5));
        foreach (var instances in new[]
        {
            $"[[{string.Join(',', pixels.Select(p => p.ToString("R")))}]]",
            $$"""[{"image":[{{string.Join(',', pixels.Select(p => p.ToString("R")))}}]}]""",
            $$"""[{"b64":"{{Convert.ToBase64String(Png(3))}}"}]""",
        })
        {
            var v1 = await _server.PostAsync("/v1/models/model:predict", $$"""{"instances":{{instances}}}""");
            Assert.That(v1.Status, Is.EqualTo(200), v1.Text);
            Assert.That(v1.Json["predictions"]![0]!["logits"]!.AsArray().Select(l => (float)l!), Is.EqualTo(logits).Within(1e-5));
            Assert.That((string)v1.Json["predictions"]![0]!["label"]!, Is.EqualTo(Label(image)));
        }

        var v1Image = await _server.PostAsync("/v1/models/model:predict", Png(3), "image/png");
        Assert.That((string)v1Image.Json["predictions"]![0]!["label"]!, Is.EqualTo(Label(image)));
    }

    [Test]
    public async Task Many_at_once_get_what_each_would_get_alone()
    {
        var alone = new List<float[]>();
        for (var i = 0; i < 16; i++) alone.Add(Logits(await _server.PostAsync("/v2/models/model/infer", Png(i), "image/png")));
        var together = await Task.WhenAll(Enumerable.Range(0, 160).Select(i => _server.PostAsync("/v2/models/model/infer", Png(i % 16), "image/png")));
        for (var i = 0; i < together.Length; i++) Assert.That(Logits(together[i]), Is.EqualTo(alone[i % 16]).Within(1e-4));
        // More than a batch in one request: in parts.
        var pixels = Enumerable.Range(0, 16).SelectMany(Pixels).ToArray();
        var large = await _server.Grpc.ModelInferAsync(new()
        {
            ModelName = "model",
            Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "image", Datatype = "FP32", Shape = { 16, 1, ToyProblem.Side, ToyProblem.Side } } },
            RawInputContents = { ByteString.CopyFrom(Tensors.Floats("image", [], pixels).Data.Span) },
        });
        Assert.That(Tensors.Floats(large.RawOutputContents[0].ToByteArray()), Is.EqualTo(alone.SelectMany(a => a)).Within(1e-4));
    }

    [Test]
    public async Task A_JPEG_is_an_image_too_and_its_content_counts_more_than_its_name()
    {
        var reply = await _server.PostAsync("/v2/models/model/infer", Pictures.GreyJpeg(40, 30, 120), "image/png");
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        Assert.That(Label(reply), Is.AnyOf([.. _images.Classes]));
    }

    [TestCase(7)]
    public async Task Damaged_images_are_refused_and_the_server_goes_on(int seed)
    {
        var random = new Random(seed);
        Assert.That((await _server.PostAsync("/v2/models/model/infer", [], "image/png")).Status, Is.EqualTo(400));
        for (var i = 0; i < 300; i++)
        {
            byte[] image = random.Next(2) == 0 ? Png(i % 16) : Pictures.GreyJpeg(40, 30, 120);
            for (var n = random.Next(1, 8); n > 0; n--) image[random.Next(image.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0) image = image[..random.Next(image.Length)];
            var reply = await _server.PostAsync("/v2/models/model/infer", image, "image/jpeg");
            Assert.That(reply.Status, Is.EqualTo(200).Or.EqualTo(400), $"round {i}: {reply.Text}");
        }

        Assert.That((await _server.PostAsync("/v2/models/model/infer", Png(0), "image/png")).Status, Is.EqualTo(200));
    }

    private static string Label(TestServer.Reply reply) => (string)reply.Json["outputs"]!.AsArray().Single(o => (string)o!["name"]! == "label")!["data"]![0]!;

    private static float[] Logits(TestServer.Reply reply) => [.. reply.Json["outputs"]!.AsArray().Single(o => (string)o!["name"]! == "logits")!["data"]!.AsArray().Select(l => (float)l!)];

    private byte[] Png(int image) => Pictures.Png(ToyProblem.Side, ToyProblem.Side, (x, y) =>
    {
        var value = _images.Pixels[(image * ToyProblem.Side * ToyProblem.Side) + (y * ToyProblem.Side) + x];
        return new SKColor(value, value, value);
    });

    /// <summary>As the model takes them: normalised as model.json says.</summary>
    private float[] Pixels(int image)
    {
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(_result.Path, "model.json"), Encoding.UTF8))!;
        var (mean, std) = ((float)manifest["normalization"]!["mean"]![0]!, (float)manifest["normalization"]!["std"]![0]!);
        var size = ToyProblem.Side * ToyProblem.Side;
        return [.. _images.Pixels.AsSpan(image * size, size).ToArray().Select(p => ((p / 255f) - mean) / std)];
    }
}
