using AiDc.Trainer.Models;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Tensors;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Models;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ModelBundleTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("aidc-bundle-").FullName;

    private string Folder => Path.Combine(_root, "model");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Test]
    public void A_new_bundle_replaces_the_old_one_whole()
    {
        Write(1);
        Write(2);
        Assert.That(ModelBundle.Read(Folder).Weights.Single().Data, Is.EqualTo(new byte[] { 2 }));
        Assert.That(Directory.GetFileSystemEntries(_root), Is.EqualTo(new[] { Folder }), "something was left behind");
    }

    [Test]
    public void When_writing_fails_the_old_one_is_still_there_and_nothing_else()
    {
        Write(1);
        Assert.That(
            () => ModelBundle.Write(Folder, "u", [Tensor(2)], _ => throw new StorageException("model.json", "no space is left on the device")),
            Throws.TypeOf<StorageException>());
        Assert.That(ModelBundle.Read(Folder).Weights.Single().Data, Is.EqualTo(new byte[] { 1 }));
        Assert.That(Directory.GetFileSystemEntries(_root), Is.EqualTo(new[] { Folder }));
    }

    [Test]
    public void What_a_killed_writer_left_is_removed()
    {
        Directory.CreateDirectory(Path.Combine(_root, ".model.partial-dead"));
        Write(1);
        Assert.That(Directory.GetFileSystemEntries(_root), Is.EqualTo(new[] { Folder }));
    }

    [Test]
    public void A_bundle_of_the_first_format_is_read_for_ever()
    {
        var bundle = ModelBundle.Read(Path.Combine(TestContext.CurrentContext.TestDirectory, "Models", "Formats", "v1", "model"));
        Assert.That(bundle.Manifest.Classes, Is.EqualTo(new[] { "cat", "dog" }));
        Assert.That(bundle.Manifest.Architecture, Is.EqualTo(new ModelSpec("cnn", false, 0.5, 1, 28, 28, 2)));
        Assert.That((bundle.Manifest.Training.Steps, bundle.Manifest.Metrics["testAccuracy"]), Is.EqualTo((100L, 0.9985)));
        Assert.That((bundle.Manifest.Data, bundle.Manifest.Job), Is.EqualTo(((ModelManifest.DataSource?)null, (string?)null)));
        Assert.That(bundle.Weights.Single().Name, Is.EqualTo("weight"));
    }

    [Test]
    public void A_bundle_of_a_newer_format_is_neither_damaged_nor_missing()
    {
        Write(1);
        var file = Path.Combine(Folder, "model.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"formatVersion\": 1", "\"formatVersion\": 2", StringComparison.Ordinal));
        Assert.That(() => ModelBundle.Read(Folder), Throws.TypeOf<NewerFormatException>());
        Assert.That(() => ModelBundle.TryReadManifest(Folder), Throws.TypeOf<NewerFormatException>().With.Property(nameof(TrainerException.ExitCode)).EqualTo(2));
    }

    [Test]
    public void A_bundle_that_is_missing_or_altered_is_refused_by_file()
    {
        Assert.That(() => ModelBundle.Read(Folder), Throws.TypeOf<InvalidFileException>().With.Message.Contain("model.json"));
        Write(1);
        var weights = Path.Combine(Folder, "model.safetensors");
        var bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Assert.That(() => ModelBundle.Read(Folder), Throws.TypeOf<InvalidFileException>().With.Message.Contain(weights));
        File.WriteAllText(Path.Combine(Folder, "model.json"), "{}");
        Assert.That(() => ModelBundle.Read(Folder), Throws.TypeOf<InvalidFileException>().With.Message.Contain("model.json"));
        Assert.That(ModelBundle.TryReadManifest(Folder), Is.Null);
    }

    [Test]
    public void Weights_outside_of_the_folder_are_refused()
    {
        Write(1);
        var json = Path.Combine(Folder, "model.json");
        File.WriteAllText(json, File.ReadAllText(json).Replace("\"model.safetensors\"", "\"../model.safetensors\"", StringComparison.Ordinal));
        Assert.That(() => ModelBundle.Read(Folder), Throws.TypeOf<InvalidFileException>().With.Message.Contain("same folder"));
    }

    private static HostTensor Tensor(byte value) => new("w", ScalarType.Byte, [1], [value]);

    private void Write(byte value) => ModelBundle.Write(Folder, $"u{value}", [Tensor(value)], weights => new(
        ModelManifest.ImageClassification, new("cnn", false, 0, 1, 8, 8, 2), ["a", "b"], new([0.5f], [0.25f]), weights, "run",
        new Dictionary<string, double> { ["testAccuracy"] = 0.5 }, new TrainingFigures(1, 1, 0, 1, 1, null, 1, 1, 1, 0)));
}
