namespace AiDc.Trainer.Tests.Data;

/// <summary>Tests that each get a fresh folder.</summary>
public abstract class FolderTests : IDisposable
{
    internal TempFolder Folder { get; private set; } = null!;

    [SetUp]
    public void MakeFolder() => Folder = new TempFolder();

    [TearDown]
    public void Dispose()
    {
        Folder?.Dispose();
        GC.SuppressFinalize(this);
    }
}
