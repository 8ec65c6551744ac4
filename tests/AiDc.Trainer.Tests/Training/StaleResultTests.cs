using AiDc.Trainer.Data;
using AiDc.Trainer.Models;

namespace AiDc.Trainer.Tests.Training;

/// <summary>A result or a checkpoint of other data, other classes or another job is never taken for this run's.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StaleResultTests : IDisposable
{
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase("labels")]
    [TestCase("pixels")]
    [TestCase("test")]
    public void The_result_of_other_data_of_the_same_size_is_not_this_runs(string changed)
    {
        var options = _folder.Options("run", 1) with { Checkpoints = null };
        _folder.Run(options);
        Change(changed);
        var log = new RecordingLog();

        _folder.Run(options, log);

        Assert.That(log.Noted("finished-before"), Is.False);
        Assert.That(log.Reports.Any(r => r.Step > 0), "it did not train");
        log = new RecordingLog();
        _folder.Run(options, log);
        Assert.That(log.Noted("finished-before"), "its own result is found again");
    }

    [TestCase("labels")]
    [TestCase("pixels")]
    public void A_checkpoint_of_other_data_of_the_same_size_is_refused_with_2(string changed)
    {
        var options = _folder.Options("run");
        _folder.RunUntil(options, 3);
        Change(changed);

        var error = Assert.Throws<ConfigurationException>(() => _folder.Run(options));

        Assert.That(error!.Message, Does.Contain("other data of the same size").And.Contain("--checkpoint-dir"));
        Assert.That(File.Exists(Path.Combine(options.Output, "model.json")), Is.False);
    }

    [Test]
    public void A_result_and_a_checkpoint_of_another_job_are_not_this_jobs()
    {
        var options = _folder.Options("run", 1);
        _folder.Run(options, job: "team/first");
        var log = new RecordingLog();

        var error = Assert.Throws<ConfigurationException>(() => _folder.Run(options, log, job: "team/second"));

        Assert.That(log.Noted("finished-before"), Is.False);
        Assert.That(error!.Message, Does.Contain("team/first").And.Contain("team/second"));
        _folder.Run(options, log, job: "team/first");
        Assert.That(log.Noted("finished-before"));
        Assert.That(ModelBundle.Read(options.Output).Manifest.Job, Is.EqualTo("team/first"));
    }

    [Test]
    public void The_result_of_data_that_are_gone_is_not_that_of_another_place()
    {
        var options = _folder.Options("run", 1);
        _folder.Run(options);
        var error = Assert.Catch<TrainerException>(() => _folder.Run(options with { Data = Path.Combine(_folder.Root, "nowhere") }));
        Assert.That(error!.ExitCode, Is.EqualTo(2));
    }

    [Test]
    public void The_fingerprint_of_data_covers_names_classes_labels_and_pixels_and_both_splits()
    {
        var set = ToyProblem.Images(40, 3);
        ImageData[] all =
        [
            new(set, null),
            new(set, set),
            new(set with { Classes = [.. set.Classes.Take(9), "ten"] }, null),
            new(set with { Classes = [.. set.Classes.Take(8), "89", ""] }, null),
            new(set with { Labels = [.. set.Labels.Skip(1), set.Labels[0]] }, null),
            new(set with { Pixels = [.. set.Pixels.Skip(1), (byte)(set.Pixels[0] ^ 1)] }, null),
            new(set with { Height = 6, Width = 24 }, null),
        ];
        Assert.That(all.Select(DataFingerprint.Of).Distinct().Count(), Is.EqualTo(all.Length));
        Assert.That(DataFingerprint.Of(new(ToyProblem.Images(40, 3), null)), Is.EqualTo(DataFingerprint.Of(all[0])));
    }

    private void Change(string what)
    {
        var (train, test) = (ToyProblem.Images(100, 1), ToyProblem.Images(40, 2));
        if (what == "labels") (train.Labels[0], train.Labels[1]) = (train.Labels[1], train.Labels[0]);
        if (what == "pixels") train.Pixels[5] ^= 1;
        if (what == "test") test.Pixels[5] ^= 1;
        IdxWriter.Write(_folder.Data, [("train", train), ("t10k", test)], CancellationToken.None);
    }
}
