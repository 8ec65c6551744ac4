using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Models;
using AiDc.Trainer.Tensors;
using AiDc.Trainer.Training;
using Microsoft.Extensions.Time.Testing;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Checkpoints;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CheckpointStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("aidc-checkpoints-").FullName;
    private int _uid;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void What_was_saved_is_loaded()
    {
        var saved = At(step: 5);
        var info = Store().Save(generation: 2, saved);
        var latest = Store().Load();
        Assert.That(latest.Name, Is.EqualTo(new CheckpointName(2, 5, "u1")));
        Assert.That(latest.Path, Is.EqualTo(info.Path));
        var loaded = latest.Checkpoint!;
        Assert.That(loaded.Get<RunIdentity>("run", ""), Is.EqualTo(saved.Get<RunIdentity>("run", "")));
        Assert.That(loaded.Get<EarlyStopping>("earlyStopping", ""), Is.EqualTo(saved.Get<EarlyStopping>("earlyStopping", "")));
        Assert.That(loaded.Get<EpochSums>("epochSums", ""), Is.EqualTo(saved.Get<EpochSums>("epochSums", "")));
        Assert.That(loaded.Values, Is.EqualTo(saved.Values));
        Assert.That(loaded.Tensors["model"].Single().Data, Is.EqualTo(saved.Tensors["model"].Single().Data));
        Assert.That(loaded.Tensors["best"].Single().Name, Is.EqualTo("best"));
        Assert.That(info.Bytes, Is.EqualTo(Directory.GetFiles(info.Path).Where(f => !f.EndsWith("manifest.json", StringComparison.Ordinal)).Sum(f => new FileInfo(f).Length)));
    }

    [Test]
    public void An_empty_or_missing_folder_holds_no_checkpoint()
    {
        Assert.That(Store().Load().Checkpoint, Is.Null);
        Directory.Delete(_folder);
        Assert.That(Store().Load().Checkpoint, Is.Null);
        Directory.CreateDirectory(_folder);
    }

    [Test]
    public void The_highest_generation_wins_over_the_highest_step()
    {
        Store().Save(1, At(100));
        Store().Save(3, At(20));
        Store().Save(3, At(30));
        Assert.That(Store().Load().Name, Is.EqualTo(new CheckpointName(3, 30, "u3")));
    }

    [TestCase("model.safetensors")]
    [TestCase("optimizer.safetensors")]
    [TestCase("best.safetensors")]
    [TestCase("state.json")]
    public void A_file_that_is_truncated_altered_or_gone_makes_it_go_to_the_one_before(string file)
    {
        foreach (var damage in new Action<string>[] { Truncate, Flip, File.Delete })
        {
            var store = Store();
            var older = store.Save(0, At(1));
            var newer = store.Save(0, At(2));
            damage(Path.Combine(newer.Path, file));
            var latest = Store().Load();
            Assert.That(latest.Path, Is.EqualTo(older.Path));
            Assert.That(latest.Skipped.Single().Problem, Does.Contain(Path.Combine(newer.Path, file)));
            Directory.Delete(older.Path, true);
            Directory.Delete(newer.Path, true);
        }
    }

    [Test]
    public void A_manifest_that_is_not_JSON_is_skipped_and_one_that_is_missing_never_counted()
    {
        var store = Store();
        var good = store.Save(0, At(1));
        File.WriteAllText(Path.Combine(store.Save(0, At(2)).Path, "manifest.json"), "{");
        File.Delete(Path.Combine(store.Save(0, At(3)).Path, "manifest.json"));
        var latest = Store().Load();
        Assert.That(latest.Path, Is.EqualTo(good.Path));
        Assert.That(latest.Skipped, Has.Count.EqualTo(1));
    }

    [Test]
    public void Only_so_many_stay()
    {
        var store = Store(keep: 2);
        for (var step = 1; step <= 5; step++) store.Save(0, At(step));
        Assert.That(Steps(), Is.EqualTo(new[] { (0, 4L), (0, 5L) }));
    }

    [Test]
    public void A_writer_that_was_given_up_removes_nothing_of_its_successor()
    {
        var successor = Store(keep: 1);
        successor.Save(2, At(10));
        var givenUp = Store(keep: 1);
        givenUp.Save(1, At(90));
        givenUp.Save(1, At(91));
        Assert.That(Steps(), Is.EqualTo(new[] { (1, 91L), (2, 10L) }));
        Assert.That(Store().Load().Name!.Generation, Is.EqualTo(2));
        successor.Save(2, At(11));
        Assert.That(Steps(), Is.EqualTo(new[] { (2, 11L) }));
    }

    [Test]
    public void Leftovers_of_a_killed_writer_and_damaged_ones_are_removed_and_do_not_count_as_kept()
    {
        var store = Store(keep: 2);
        store.Save(0, At(1));
        Flip(Path.Combine(store.Save(0, At(2)).Path, "model.safetensors"));
        Directory.CreateDirectory(Path.Combine(_folder, "g0-s3-dead"));
        File.WriteAllText(Path.Combine(_folder, "g0-s3-dead", "model.safetensors"), "half");
        Directory.CreateDirectory(Path.Combine(_folder, "model"));
        var resumed = Store(keep: 2);
        Assert.That(resumed.Load().Name!.Step, Is.EqualTo(1));
        resumed.Save(0, At(4));
        Assert.That(Steps(), Is.EqualTo(new[] { (0, 1L), (0, 4L) }));
        Assert.That(Directory.Exists(Path.Combine(_folder, "model")), "what is no checkpoint is not ours to remove");
    }

    [Test]
    public void A_checkpoint_that_cannot_be_written_leaves_nothing_behind_and_names_the_file()
    {
        var folder = Path.Combine(_folder, "checkpoints");
        File.WriteAllText(folder, "a file where the folder should be");
        var store = new CheckpointStore(folder, 1, new FakeTimeProvider(), () => "u");
        var error = Assert.Throws<StorageException>(() => store.Save(0, At(1)));
        Assert.That(error!.Message, Does.Contain(folder));
        Assert.That(error.ExitCode, Is.EqualTo(3));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EqualTo(new[] { folder }));
    }

    [TestCase("g1-s2-abc0", true)]
    [TestCase("g1-s2", false)]
    [TestCase("g-s2-a", false)]
    [TestCase("model", false)]
    [TestCase("g99999999999999999999-s2-a", false)]
    public void Only_folders_named_so_are_checkpoints(string name, bool expected) => Assert.That(CheckpointName.Parse(name) is not null, Is.EqualTo(expected));

    private static void Truncate(string file)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength(stream.Length - 1);
    }

    private static void Flip(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 0x80;
        File.WriteAllBytes(file, bytes);
    }

    internal static Checkpoint At(long step)
    {
        var run = new RunIdentity(new ModelSpec("cnn", true, 0.1, 1, 8, 8, 4), OptimizerKind.Adam, false, 100, 10, 5, ulong.MaxValue);
        var metrics = new SortedDictionary<string, double> { ["trainLoss"] = 0.1 + 0.2 };
        var checkpoint = new Checkpoint(step);
        checkpoint.Put("run", run);
        checkpoint.Put("step", step);
        checkpoint.Put("epoch", 3);
        checkpoint.Put("batchInEpoch", 7);
        checkpoint.Put("epochSums", new EpochSums(1.0 / 3, 2, 3));
        checkpoint.Put("earlyStopping", new EarlyStopping(0.7, 2, 1));
        checkpoint.Put("metrics", metrics);
        checkpoint.Put("bestMetrics", metrics);
        checkpoint.PutTensors("model", [Tensor("weight")]);
        checkpoint.PutTensors("optimizer", [Tensor("moment")]);
        checkpoint.PutTensors("best", [Tensor("best")]);
        return checkpoint;

        HostTensor Tensor(string name) => new(name, ScalarType.Float32, [2], [1, 2, 3, 4, 5, 6, 7, (byte)step]);
    }

    private CheckpointStore Store(int keep = 3) => new(_folder, keep, new FakeTimeProvider(), () => $"u{++_uid}");

    private IEnumerable<(int, long)> Steps() => Directory.GetDirectories(_folder)
        .Select(d => CheckpointName.Parse(Path.GetFileName(d))).OfType<CheckpointName>().Select(n => (n.Generation, n.Step)).Order();
}
