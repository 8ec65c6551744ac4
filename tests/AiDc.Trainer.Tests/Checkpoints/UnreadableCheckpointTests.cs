using System.Text.Json.Nodes;
using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Models;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Training;

namespace AiDc.Trainer.Tests.Checkpoints;

/// <summary>What cannot be read, or was written by another version, is not damaged: it is neither passed over nor removed.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class UnreadableCheckpointTests : IDisposable
{
    private static readonly StorageException Hiccup = new("/checkpoints", "Stale file handle");

    private readonly string _root = Directory.CreateTempSubdirectory("aidc-unreadable-").FullName;
    private readonly FaultyFolder _folder;
    private int _uid;

    public UnreadableCheckpointTests() => _folder = new(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [TestCase("manifest.json")]
    [TestCase("state.json")]
    [TestCase("model.safetensors")]
    public void What_cannot_be_read_now_is_tried_again_and_then_an_error_of_storage_and_stays(string file)
    {
        Store().Save(0, CheckpointStoreTests.At(1));
        var newest = Store().Save(0, CheckpointStoreTests.At(2));
        var tries = 0;
        _folder.Breaks = f => f.EndsWith(file, StringComparison.Ordinal) && f.Contains("-s2-", StringComparison.Ordinal) && ++tries > 0;

        var error = Assert.Throws<StorageException>(() => Store().Load());

        Assert.That(error!.ExitCode, Is.EqualTo(3));
        Assert.That(error.Message, Does.Contain(file).And.Contain("Stale file handle"));
        Assert.That(tries, Is.EqualTo(3), "an attempt and two more");
        Assert.That(Directory.Exists(newest.Path));
        Assert.That(_folder.Deleted, Is.Empty);
    }

    [TestCase("Folders")]
    [TestCase("Exists")]
    [TestCase("OpenRead")]
    public void A_hiccup_that_passes_is_not_noticed(string operation)
    {
        Store().Save(0, CheckpointStoreTests.At(7));
        var failures = 2;
        _folder.Before = (what, _) => { if (what == operation && failures-- > 0) throw Hiccup; };

        Assert.That(Store().Load().Name!.Step, Is.EqualTo(7));
    }

    [Test]
    public void A_folder_that_cannot_be_looked_at_is_not_an_empty_one()
    {
        var loop = Path.Combine(_root, "loop");
        File.CreateSymbolicLink(loop, loop);
        var below = new LocalFolder(Path.Combine(loop, "checkpoints"));

        Assert.That(() => below.Folders(), Throws.TypeOf<StorageException>());
        Assert.That(() => below.Exists("g0-s1-a/manifest.json"), Throws.TypeOf<StorageException>());
        Assert.That(() => below.OpenRead("g0-s1-a/manifest.json"), Throws.TypeOf<StorageException>());
    }

    [TestCase("manifest.json")]
    [TestCase("state.json")]
    public void One_of_a_newer_format_ends_the_run_with_2_and_stays(string file)
    {
        Store().Save(0, CheckpointStoreTests.At(1));
        var newer = Store().Save(0, CheckpointStoreTests.At(2));
        Edit(newer.Path, file, json => json["formatVersion"] = 2);

        var error = Assert.Throws<NewerFormatException>(() => Store().Load());

        Assert.That(error!.ExitCode, Is.EqualTo(2));
        Assert.That(error.Message, Does.Contain("format version 2 is newer"));
        Assert.That(Directory.Exists(newer.Path));
    }

    [Test]
    public void What_a_later_version_adds_is_no_reason_not_to_read_it()
    {
        var later = CheckpointStoreTests.At(4);
        later.Put("gradientScale", 65536.0);
        later.PutTensors("average", [new("w", TorchSharp.torch.ScalarType.Float32, [1], [0, 0, 128, 63])]);
        var saved = Store().Save(0, later);
        Edit(saved.Path, "manifest.json", json => json["writer"] = "later");

        var loaded = Store().Load().Checkpoint!;

        Assert.That(loaded.Get<EpochSums>("epochSums", ""), Is.EqualTo(new EpochSums(1.0 / 3, 2, 3)));
        Assert.That(loaded.Tensors.Keys, Is.EqualTo(new[] { "average", "best", "model", "optimizer" }));
    }

    [Test]
    public void A_checkpoint_of_the_first_format_is_read_for_ever()
    {
        var kept = Path.Combine(TestContext.CurrentContext.TestDirectory, "Checkpoints", "Formats", "v1");

        var latest = new CheckpointStore(kept, 1, TimeProvider.System, () => "u").Load();

        Assert.That(latest.Name, Is.EqualTo(new CheckpointName(2, 5, "0a1b2c3d")));
        var checkpoint = latest.Checkpoint!;
        var identity = new RunIdentity(new ModelSpec("cnn", true, 0.1, 1, 8, 8, 4), OptimizerKind.Adam, false, 100, 10, 5, ulong.MaxValue);
        Assert.That(checkpoint.Get<RunIdentity>("run", ""), Is.EqualTo(identity));
        Assert.That(checkpoint.Get<RunIdentity>("run", "").DifferenceFrom(identity with { Data = "sum", Job = "a/b" }), Is.Null, "what it does not tell cannot differ");
        Assert.That(checkpoint.Get<EarlyStopping>("earlyStopping", ""), Is.EqualTo(new EarlyStopping(0.7, 2, 1)));
        Assert.That((checkpoint.Step, checkpoint.Get<int>("epoch", ""), checkpoint.Get<int>("batchInEpoch", "")), Is.EqualTo((5L, 3, 7)));
        Assert.That(checkpoint.Tensors.Select(t => (t.Key, t.Value.Single().Name)), Is.EqualTo(new[] { ("best", "best"), ("model", "weight"), ("optimizer", "moment") }));
        Assert.That(checkpoint.Tensors["model"].Single().Data, Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6, 7, 5 }));
    }

    [Test]
    public void Next_to_damaged_checkpoints_alone_no_new_run_begins()
    {
        var only = Store().Save(0, CheckpointStoreTests.At(3));
        File.WriteAllText(Path.Combine(only.Path, "model.safetensors"), "damaged");

        var error = Assert.Throws<InvalidFileException>(() => Store().Load());

        Assert.That(error!.ExitCode, Is.EqualTo(2));
        Assert.That(error.Message, Does.Contain("model.safetensors").And.Contain("--checkpoint-dir"));
        Assert.That(Directory.Exists(only.Path));
    }

    [TestCase("Folders")]
    [TestCase("Exists")]
    public void A_listing_that_fails_after_the_manifest_is_published_leaves_the_new_checkpoint(string operation)
    {
        Store().Save(0, CheckpointStoreTests.At(1));
        _folder.Before = (what, _) => { if (what == operation) throw Hiccup; };
        var notes = new List<string>();

        var saved = new CheckpointStore(_folder, 1, TimeProvider.System, () => "new") { Note = notes.Add }.Save(0, CheckpointStoreTests.At(2));

        Assert.That(notes.Single(), Does.Contain("Stale file handle"));
        _folder.Before = (_, _) => { };
        Assert.That(Store().Load().Path, Is.EqualTo(saved.Path));
    }

    [Test]
    public void A_state_that_is_not_finite_is_not_kept_and_one_that_was_kept_is_passed_over()
    {
        var good = Store().Save(0, CheckpointStoreTests.At(1));
        var poisoned = CheckpointStoreTests.At(2);
        poisoned.PutTensors("moments", [new("m", TorchSharp.torch.ScalarType.Float32, [1], BitConverter.GetBytes(float.NegativeInfinity))]);

        Assert.That(() => Store().Save(0, poisoned), Throws.ArgumentException.With.Message.Contain("tensor m"));
        CheckpointFiles.Write(_folder, new(0, 2, "old"), poisoned, default);

        var latest = Store().Load();
        Assert.That(latest.Path, Is.EqualTo(good.Path));
        Assert.That(latest.Skipped.Single().Problem, Does.Contain("tensor m has values that are not finite"));
    }

    private static void Edit(string folder, string file, Action<JsonObject> edit)
    {
        var path = Path.Combine(folder, file);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(json);
        File.WriteAllText(path, json.ToJsonString());
        if (file == "manifest.json") return;
        Edit(folder, "manifest.json", manifest => manifest["files"]![file] = new JsonObject
        {
            ["bytes"] = new FileInfo(path).Length,
            ["sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))),
        });
    }

    private CheckpointStore Store() => new(_folder, 3, TimeProvider.System, () => $"u{++_uid}") { Retries = [TimeSpan.Zero, TimeSpan.Zero] };
}
