using System.Security.Cryptography;
using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Models;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Tests.Checkpoints;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Trainer.Tests.Storage;

/// <summary>Checkpoints, results and data in an S3-compatible server.</summary>
[Category("Integration")]
internal sealed class S3FolderTests
{
    private const int PartSize = 5 << 20; // The least that S3 allows.

    private S3Server _server = null!;
    private StorageFolders _folders = null!;
    private string _bucket = null!;
    private int _uid;

    [OneTimeSetUp]
    public void Start() => _server = S3Server.Start();

    [OneTimeTearDown]
    public void Stop() => _server?.Dispose();

    [SetUp]
    public void NewBucket()
    {
        _folders = _server.Folders();
        _bucket = _server.NewBucket();
        _uid = 0;
    }

    [TearDown]
    public void Close() => _folders.Dispose();

    [Test]
    public void What_was_saved_is_loaded()
    {
        var saved = CheckpointStoreTests.At(step: 5);
        var info = Store().Save(2, saved);
        var latest = Store().Load();
        Assert.That(latest.Name, Is.EqualTo(new CheckpointName(2, 5, "u1")));
        Assert.That(info.Path, Is.EqualTo($"s3://{_bucket}/jobs/a/g2-s5-u1").And.EqualTo(latest.Path));
        Assert.That(latest.Checkpoint!.Values, Is.EqualTo(saved.Values));
        Assert.That(latest.Checkpoint.Tensors["model"].Single().Data, Is.EqualTo(saved.Tensors["model"].Single().Data));
        Assert.That(_server.Keys(_bucket), Has.Count.EqualTo(5).And.All.StartsWith("jobs/a/g2-s5-u1/"));
    }

    [TestCase(0)]
    [TestCase(PartSize)]
    [TestCase(PartSize + 1)]
    [TestCase((4 * PartSize) + 12345)]
    public void A_file_of_any_number_of_parts_is_read_back_byte_for_byte(int length)
    {
        var content = new byte[length];
        new Random(3).NextBytes(content);
        var sum = Folder().Write("x/file", stream => stream.Write(content));
        Assert.That(sum, Is.EqualTo(new FileSum(length, Convert.ToHexStringLower(SHA256.HashData(content)))));
        using var read = Folder().OpenRead("x/file");
        var back = new byte[length];
        read.ReadExactly(back);
        Assert.That(read.ReadByte(), Is.EqualTo(-1));
        Assert.That(back.AsSpan().SequenceEqual(content));
        Assert.That(_server.Uploads(_bucket), Is.Empty);
    }

    [Test]
    public void Only_so_many_stay_and_nothing_of_a_later_generation_or_of_others_is_removed()
    {
        Store().Save(3, CheckpointStoreTests.At(1));
        _server.Put(_bucket, "jobs/a/model/model.json", [1]);
        _server.Put(_bucket, "jobs/ab/g0-s1-x/manifest.json", [1]);
        var store = Store(keep: 2);
        for (var step = 1; step <= 4; step++) store.Save(1, CheckpointStoreTests.At(step));
        Assert.That(Folder().Folders().Order(StringComparer.Ordinal), Is.EqualTo(new[] { "g1-s3-u4", "g1-s4-u5", "g3-s1-u1", "model" }));
        Assert.That(_server.Keys(_bucket), Does.Contain("jobs/ab/g0-s1-x/manifest.json"));
        Assert.That(Store().Load().Name!.Generation, Is.EqualTo(3));
    }

    [Test]
    public void An_upload_that_its_writer_died_in_is_no_checkpoint_and_is_aborted_by_the_next()
    {
        var good = Store().Save(1, CheckpointStoreTests.At(1));
        Tear("jobs/a/g1-s2-dead/model.safetensors");
        Tear("jobs/a/g2-s9-newer/model.safetensors");
        _server.Put(_bucket, "jobs/a/g1-s3-dead/model.safetensors", [1, 2, 3]);
        Assert.That(Store().Load().Path, Is.EqualTo(good.Path));
        Store(keep: 1).Save(1, CheckpointStoreTests.At(4));
        Assert.That(_server.Uploads(_bucket), Is.EqualTo(new[] { "jobs/a/g2-s9-newer/model.safetensors" }), "an upload of a later generation is under way, not dead");
        Assert.That(_server.Keys(_bucket), Has.Count.EqualTo(5).And.All.StartsWith("jobs/a/g1-s4-"));
    }

    [Test]
    public void A_write_that_fails_between_parts_leaves_neither_object_nor_parts()
    {
        Assert.That(
            () => Folder().Write("x/file", stream =>
            {
                stream.Write(new byte[(3 * PartSize) + 1]);
                throw new StorageException("disk", "is gone");
            }),
            Throws.TypeOf<StorageException>());
        Assert.That(_server.Keys(_bucket), Is.Empty);
        Assert.That(_server.Uploads(_bucket), Is.Empty);
        Assert.That(Folder().Exists("x/file"), Is.False);
    }

    [TestCase("model.safetensors")]
    [TestCase("state.json")]
    public void A_damaged_or_missing_object_makes_it_go_to_the_checkpoint_before(string file)
    {
        var older = Store().Save(0, CheckpointStoreTests.At(1));
        var name = Store().Save(0, CheckpointStoreTests.At(2)).Path.Split('/')[^1];
        var key = $"jobs/a/{name}/{file}";
        var content = _server.Get(_bucket, key);
        foreach (var damaged in new Func<byte[]>[] { () => [.. content[..^1], (byte)(content[^1] ^ 1)], () => content[..^1] })
        {
            _server.Put(_bucket, key, damaged());
            AssertGoesBackTo(older, $"s3://{_bucket}/{key}");
        }

        using (var client = _server.Client()) client.DeleteObjectAsync(_bucket, key).GetAwaiter().GetResult();
        AssertGoesBackTo(older, $"s3://{_bucket}/{key}");
    }

    [Test]
    public void A_result_replaces_the_one_before_and_its_weights()
    {
        foreach (var value in new byte[] { 1, 2 })
        {
            ModelBundle.Write(Folder(), $"u{value}", [new("w", TorchSharp.torch.ScalarType.Byte, [1], [value])], Manifest);
            Assert.That(ModelBundle.Read(Folder()).Weights.Single().Data, Is.EqualTo(new[] { value }));
            Assert.That(ModelBundle.TryReadManifest(Folder())!.Weights.File, Is.EqualTo($"model-u{value}.safetensors"));
        }

        Assert.That(_server.Keys(_bucket), Is.EqualTo(new[] { "jobs/a/model-u2.safetensors", "jobs/a/model.json" }));
        _server.Put(_bucket, "jobs/a/model-u2.safetensors", [0]);
        Assert.That(ModelBundle.TryReadManifest(Folder()), Is.Null);
    }

    [TestCase("not-the-one", "test:tester", "AWS_SECRET_ACCESS_KEY")]
    [TestCase(S3Server.Secret, "test:nobody", "AWS_ACCESS_KEY_ID")]
    public void Wrong_credentials_are_an_error_of_configuration_that_shows_no_secret(string secret, string id, string fix)
    {
        using var folders = _server.Folders(_server.Environment(secret, id));
        var error = Assert.Throws<ConfigurationException>(() => folders.Open($"s3://{_bucket}/jobs/a").Probe("x"));
        Assert.That(error!.Message, Does.StartWith($"s3://{_bucket}/jobs/a/.probe-x: ").And.Contain(fix).And.Not.Contain(secret));
        Assert.That(error.ExitCode, Is.EqualTo(2));
    }

    [Test]
    public void A_bucket_that_is_not_there_is_an_error_of_configuration()
    {
        using var folders = _server.Folders();
        foreach (var use in new Action<IStorageFolder>[] { f => f.Probe("x"), f => f.Folders() })
            Assert.That(() => use(folders.Open("s3://no-such-bucket/a")), Throws.TypeOf<ConfigurationException>().With.Message.Contains("s3://no-such-bucket/a").And.Message.Contains("Create it"));
    }

    [Test]
    public void A_server_that_does_not_answer_is_worth_another_attempt()
    {
        using var folders = new StorageFolders(new Dictionary<string, string>(_server.Environment()) { ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9" }.GetValueOrDefault);
        Assert.That(
            () => folders.Open("s3://bucket/a").Folders(),
            Throws.TypeOf<StorageException>().With.Message.StartsWith("s3://bucket/a").And.Message.Contains("http://127.0.0.1:9").And.Message.Contains("AWS_ENDPOINT_URL"));
    }

    private void AssertGoesBackTo(CheckpointInfo older, string damaged)
    {
        var latest = Store().Load();
        Assert.That(latest.Path, Is.EqualTo(older.Path));
        Assert.That(latest.Skipped.Single().Problem, Does.Contain(damaged));
    }

    /// <summary>What a killed process leaves: an upload with parts, of which nobody will hear again.</summary>
    private void Tear(string key)
    {
        var bucket = _folders.Bucket(S3Uri.Parse($"s3://{_bucket}"));
        var upload = bucket.StartUpload(key);
        bucket.UploadPartAsync(key, upload, 1, new byte[PartSize], PartSize, CancellationToken.None).GetAwaiter().GetResult();
    }

    private S3Folder Folder()
    {
        var uri = S3Uri.Parse($"s3://{_bucket}/jobs/a");
        return new(_folders.Bucket(uri), uri, _ => PartSize);
    }

    private CheckpointStore Store(int keep = 3) => new(Folder(), keep, new FakeTimeProvider(), () => $"u{++_uid}");

    private static ModelManifest Manifest(ModelManifest.WeightsFile weights) => new(
        ModelManifest.ImageClassification, new("cnn", false, 0, 1, 8, 8, 2), ["a", "b"], new([0.5f], [0.25f]), weights, "run",
        new Dictionary<string, double>(), new TrainingFigures(1, 1, 0, 1, 1, null, 1, 1, 1, 0));
}
