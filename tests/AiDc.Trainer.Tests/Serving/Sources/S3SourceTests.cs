using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Tests.Serving.Models;
using AiDc.Trainer.Tests.Storage;

namespace AiDc.Trainer.Tests.Serving.Sources;

/// <summary>Models from an S3-compatible server.</summary>
[Category("Integration")]
internal sealed class S3SourceTests : ServedModelFixture
{
    private S3Server _server = null!;
    private string _bucket = null!;

    [OneTimeSetUp]
    public void Start() => _server = S3Server.Start();

    [OneTimeTearDown]
    public void Stop() => _server?.Dispose();

    [SetUp]
    public void NewBucket() => _bucket = _server.NewBucket();

    [Test]
    public void A_bundle_and_a_file_are_fetched_and_kept()
    {
        TestBundle.Write(Folder["bundle"]);
        foreach (var file in Directory.GetFiles(Folder["bundle"])) _server.Put(_bucket, $"models/digits/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        _server.Put(_bucket, "models/scale/scale.onnx", Scaling.By(2));
        using var folders = _server.Folders();
        using (var bundle = Load(Model("models/digits", ModelFormat.Aidc), folders)) Assert.That(bundle.Metadata.Classes, Is.EqualTo(TestBundle.Classes));
        foreach (var key in new[] { "models/scale/scale.onnx", "models/scale", "models/scale/" })
            Assert.That(Scaling.Answer(Load(Model(key, ModelFormat.Onnx), folders)), Is.EqualTo(6), key);
        Assert.That(Directory.GetDirectories(Folder["cache"]), Has.Length.EqualTo(2), "the bundle, and the file once, whichever way it is named");
    }

    [Test]
    public void What_is_not_there_or_may_not_be_read_is_an_error_that_names_it_and_shows_no_secret()
    {
        using var folders = _server.Folders();
        Assert.That(() => Load(Model("nothing", ModelFormat.Aidc), folders), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith($"s3://{_bucket}/nothing").And.Message.Contains("model.json"));
        using var wrong = _server.Folders(_server.Environment(secret: "not-the-one"));
        Assert.That(
            () => Load(Model("nothing", ModelFormat.Onnx), wrong),
            Throws.TypeOf<ConfigurationException>().With.Message.StartsWith($"s3://{_bucket}/nothing").And.Message.Contains("access denied").And.Message.Not.Contains("not-the-one"));
    }

    private ServedModelOptions Model(string key, ModelFormat format) => new($"s3://{_bucket}/{key}", format, "m") { Cache = Folder["cache"] };
}
