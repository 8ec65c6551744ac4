using AiDc.Trainer.Data;
using AiDc.Trainer.Tests.Cli;
using AiDc.Trainer.Tests.Data;
using AiDc.Trainer.Tests.Training;

namespace AiDc.Trainer.Tests.Storage;

/// <summary>A training whose data, checkpoints and result are in an S3-compatible server.</summary>
[Category("Integration")]
internal sealed class S3TrainingTests
{
    private S3Server _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = S3Server.Start();

    [OneTimeTearDown]
    public void Stop() => _server?.Dispose();

    [Test]
    public void Killed_at_random_moments_it_goes_on_to_the_same_model()
    {
        using var local = new RunFolder(train: 400, test: 40);
        var bucket = _server.NewBucket();
        foreach (var file in Directory.GetFiles(local.Data)) _server.Put(bucket, $"data/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        var straight = Path.Combine(local.Root, "straight");
        var uninterrupted = TrainerProcess.Run(Arguments(local.Data, straight));
        Assert.That(uninterrupted.ExitCode, Is.Zero, uninterrupted.Error + uninterrupted.Output);

        var random = new Random(4);
        var kills = 0;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var process = Train(bucket, attempt);
            if (!process.WaitForLine("\"event\":\"checkpoint\"", count: 1)) break;
            Thread.SpinWait(random.Next(5_000_000));
            process.Kill();
            if (process.WaitForExit() == 137) kills++;
        }

        Assert.That(kills, Is.GreaterThan(0), "the run was over before it could be killed");
        using var last = Train(bucket, 9);
        Assert.That(last.WaitForExit(), Is.Zero, last.Output);
        Assert.That(last.WaitForLine("\"event\":\"resumed\""), last.Output);
        Assert.That(last.Output, Does.Contain($"s3://{bucket}/jobs/a/model").And.Not.Contain(S3Server.Secret));
        var weights = _server.Keys(bucket).Single(k => k.StartsWith("jobs/a/model/model-", StringComparison.Ordinal));
        Assert.That(_server.Get(bucket, weights), Is.EqualTo(File.ReadAllBytes(Path.Combine(straight, "model", "model.safetensors"))));
        Assert.That(_server.Uploads(bucket), Is.Empty);
    }

    [Test]
    public void A_result_in_the_bucket_is_found_again_and_evaluated()
    {
        using var local = new RunFolder();
        var bucket = _server.NewBucket();
        foreach (var file in Directory.GetFiles(local.Data)) _server.Put(bucket, $"data/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        using (var first = Train(bucket, 0, epochs: 2)) Assert.That(first.WaitForExit(), Is.Zero, first.Output);
        using var again = Train(bucket, 1, epochs: 2);
        Assert.That(again.WaitForExit(), Is.Zero);
        Assert.That(again.Output, Does.Contain("finished-before"));
        using var evaluation = new TrainerProcess(
            ["evaluate", "--model", $"s3://{bucket}/jobs/a/model", "--data", $"s3://{bucket}/data", "--json", "-"], _server.Environment());
        Assert.That(evaluation.WaitForExit(), Is.Zero, evaluation.Error);
        Assert.That(evaluation.Output, Does.Contain("accuracy"));
    }

    [Test]
    public void Data_of_many_objects_are_fetched_with_their_folders_and_removed_afterwards()
    {
        using var folder = new TempFolder();
        using var folders = _server.Folders();
        var bucket = _server.NewBucket();
        var large = new byte[3_000_000];
        new Random(1).NextBytes(large);
        _server.Put(bucket, "set/train/a/1.bin", large);
        _server.Put(bucket, "set/train/b/2.bin", []);
        _server.Put(bucket, "set/train/b/", []);
        _server.Put(bucket, "settings/x", [1]);
        var seen = new List<ReadProgress>();
        using (var data = DataDownload.Fetch($"s3://{bucket}/set", folders, folder["scratch"], new Listener(seen), CancellationToken.None))
        {
            Assert.That(data.Path, Is.EqualTo(folder["scratch"]));
            Assert.That(Directory.GetFiles(data.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(data.Path, f)).Order(), Is.EqualTo(new[] { "train/a/1.bin", "train/b/2.bin" }));
            Assert.That(File.ReadAllBytes(Path.Combine(data.Path, "train/a/1.bin")).AsSpan().SequenceEqual(large));
            Assert.That(seen[^1], Is.EqualTo(new ReadProgress("downloading", large.Length, large.Length)));
        }

        Assert.That(Directory.Exists(folder["scratch"]), Is.False);
    }

    [Test]
    public void A_single_object_is_fetched_under_its_name()
    {
        using var folder = new TempFolder();
        using var folders = _server.Folders();
        var bucket = _server.NewBucket();
        _server.Put(bucket, "sets/digits.tar", [1, 2, 3]);
        using var data = DataDownload.Fetch($"s3://{bucket}/sets/digits.tar", folders, folder["scratch"], null, CancellationToken.None);
        Assert.That(data.Path, Is.EqualTo(Path.Combine(folder["scratch"], "digits.tar")));
        Assert.That(File.ReadAllBytes(data.Path), Is.EqualTo(new byte[] { 1, 2, 3 }));
        var error = data.Rename(new DataException(data.Path + "!a.png", "is damaged", "Replace it"));
        Assert.That(error.File, Is.EqualTo($"s3://{bucket}/sets/digits.tar!a.png"));
    }

    [Test]
    public void Data_that_are_not_there_or_would_leave_their_folder_are_refused_and_leave_nothing()
    {
        using var folder = new TempFolder();
        using var folders = _server.Folders();
        var bucket = _server.NewBucket();
        _server.Put(bucket, "evil/../../out.bin", [1]);
        foreach (var (place, problem) in new[] { ("none", "there is no object below it"), ("evil", "cannot be a path") })
        {
            Assert.That(
                () => DataDownload.Fetch($"s3://{bucket}/{place}", folders, folder["scratch"], null, CancellationToken.None),
                Throws.TypeOf<DataException>().With.Message.StartsWith($"s3://{bucket}/{place}").And.Message.Contains(problem));
        }

        Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.Empty);
    }

    private static string[] Arguments(string data, string checkpoints, int epochs = 40) =>
    [
        "train", "--data", data, "--epochs", $"{epochs}", "--batch-size", "10", "--threads", "1", "--checkpoint-dir", checkpoints,
        "--checkpoint-every", "1ms", "--progress", "json",
    ];

    private TrainerProcess Train(string bucket, int attempt, int epochs = 40) => new(
        Arguments($"s3://{bucket}/data", $"s3://{bucket}/jobs/a", epochs), new Dictionary<string, string>(_server.Environment()) { ["AIDC_ATTEMPT"] = $"{attempt}" });

    private sealed class Listener(List<ReadProgress> seen) : IProgress<ReadProgress>
    {
        public void Report(ReadProgress value)
        {
            lock (seen) seen.Add(value);
        }
    }
}
