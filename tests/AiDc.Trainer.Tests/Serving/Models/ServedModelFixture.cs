using AiDc.Trainer.Serving;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Tests.Data;

namespace AiDc.Trainer.Tests.Serving.Models;

/// <summary>Loads models as the server does.</summary>
internal abstract class ServedModelFixture
{
    protected static TempFolder Folder { get; private set; } = null!;

    protected List<string> Progress { get; } = [];

    [SetUp]
    public void MakeFolder()
    {
        Folder = new();
        Progress.Clear();
    }

    [TearDown]
    public void RemoveFolder() => Folder.Dispose();

    protected IServedModel Load(string source, ModelFormat format, params TensorMetadata[] inputs) =>
        Load(new ServedModelOptions(source, format, "m") { Inputs = inputs });

    protected IServedModel Load(ServedModelOptions options, StorageFolders? folders = null, CancellationToken cancellation = default)
    {
        using var none = new StorageFolders(_ => null);
        return ServedModels.Load(options with { Threads = 1 }, folders ?? none, TimeProvider.System, Say, cancellation);
    }

    private void Say(string line)
    {
        lock (Progress) Progress.Add(line);
    }
}
